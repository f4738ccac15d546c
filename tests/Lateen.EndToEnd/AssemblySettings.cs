// Each test runs a whole mesh of some fifteen processes: one at a time is enough for two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
