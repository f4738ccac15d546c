// Each test runs a whole mesh of some fifteen processes: one at a time is enough for two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
