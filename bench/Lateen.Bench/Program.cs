// Micro-benchmarks: dotnet run -c Release --project bench/Lateen.Bench -- --filter '*'
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
