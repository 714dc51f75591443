"""What is wrong with a training run, by probes -> signals -> rules -> findings -> remedies."""
