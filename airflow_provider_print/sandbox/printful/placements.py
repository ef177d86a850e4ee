"""What the `type` of a file may name: the placements of the documentation and of the official SDK.

The file library takes any text; the list is for the rule of the world that refuses others.
"""

from __future__ import annotations

_PLACEMENTS = """
default preview mockup left right label
front back front_large sleeve_left sleeve_right label_inside label_outside top bottom top_front top_back
bottom_front bottom_back pocket hood details sides side_left side_right background belt belt_front belt_back
leg_left leg_right leg_front_left leg_front_right leg_back_left leg_back_right ear_left ear_right lining_top
lining_bottom inside1 inside2 shoe_left shoe_right shoe_quarters_left shoe_quarters_right shoe_tongue_left
shoe_tongue_right
"""
_EMBROIDERED = """
front back left right apparel_front apparel_back chest_left chest_center chest_top_left large_center
large_corner_right corner_left corner_right outside_left outside_right inside_left inside_right patch_front
sleeve_left_top sleeve_right_top wrist_left wrist_right
"""

TYPES = frozenset(_PLACEMENTS.split()) | {f"embroidery_{name}" for name in _EMBROIDERED.split()}
