using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Clusters;

/// <summary>What clusters need of the process.</summary>
public sealed record ClusterServices
{
    private readonly Lock _drawing = new();

    /// <summary>Clock for DNS refresh, outlier sweeps and slow start.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>All metrics.</summary>
    public required StatsStore Stats { get; init; }

    /// <summary>How many event loops there are.</summary>
    public required int LoopCount { get; init; }

    /// <summary>Compiles transport sockets.</summary>
    public required IUpstreamTransportFactory Transports { get; init; }

    /// <summary>Log.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>Chance for enforcing percentages and jitter; used under a lock.</summary>
    public Random Random { get; init; } = new();

    /// <summary>Resolves names for DNS clusters.</summary>
    public IDnsResolver Dns { get; init; } = SystemDnsResolver.Instance;

    /// <summary>Hears of each field that an applied configuration sets without effect.</summary>
    public Action<string> Ignored { get; init; } = static _ => { };

    internal int NextSeed()
    {
        lock (_drawing)
            return Random.Next();
    }

    /// <summary>0 to 99.</summary>
    internal int NextPercent()
    {
        lock (_drawing)
            return Random.Next(100);
    }

    /// <summary>0 up to 1.</summary>
    internal double NextDouble()
    {
        lock (_drawing)
            return Random.NextDouble();
    }
}
