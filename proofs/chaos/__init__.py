"""Letters under fire: real processes are killed and frozen while they post letters over real sockets.

`python -m proofs.chaos --seed 1 --letters 1000` (or `make chaos`) lets Airflow's own task runner run the
real operator in forked processes, kills or freezes them at moments that are drawn, and starts the next try
at once. The print service is the sandbox in a process of its own, which loses answers, acts late and lists
from the past; the register is a process that fences and delays as Airflow's task state store does. In the
end the sandbox is asked which letters were paid, and how often.

What is drawn (which try is hit, how, and when) follows from the seed, the letter and the try; when the
operating system runs whom does not, so a seed gives the same blows and not the same run.
"""
