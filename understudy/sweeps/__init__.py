"""Many runs that differ in what is varied, under one budget, ranked on validation data alone."""
