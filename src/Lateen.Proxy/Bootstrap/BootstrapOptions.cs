namespace Lateen.Proxy.Bootstrap;

/// <summary>How the proxy drains connections (Envoy: <c>--drain-strategy</c>).</summary>
public enum DrainStrategy
{
    /// <summary>More and more responses close their connection as the drain time goes by.</summary>
    Gradual,

    /// <summary>Every response closes its connection at once.</summary>
    Immediate,
}

/// <summary>What the command line says. Names and defaults are Envoy's.</summary>
public sealed record BootstrapOptions
{
    /// <summary><c>-c</c>: the bootstrap file.</summary>
    public string? ConfigPath { get; init; }

    /// <summary><c>--config-yaml</c>: YAML that is merged over the file.</summary>
    public string? ConfigYaml { get; init; }

    /// <summary><c>--concurrency</c>: how many event loops; 0 counts as 1.</summary>
    public int Concurrency { get; init; } = Environment.ProcessorCount;

    /// <summary><c>--service-node</c>: overrides the node's id.</summary>
    public string? ServiceNode { get; init; }

    /// <summary><c>--service-cluster</c>: overrides the node's cluster.</summary>
    public string? ServiceCluster { get; init; }

    /// <summary><c>--service-zone</c>: overrides the zone of the node's locality.</summary>
    public string? ServiceZone { get; init; }

    /// <summary><c>--drain-time-s</c>: how long connections may take to drain.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary><c>--drain-strategy</c>.</summary>
    public DrainStrategy DrainStrategy { get; init; } = DrainStrategy.Gradual;

    /// <summary><c>--file-flush-interval-msec</c>: how long an access log line may wait. Envoy waits 10 s, Istio's agent asks for 1 s.</summary>
    public TimeSpan FileFlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>--admin-address-path</c>: a file that the address of the admin server is written to.</summary>
    public string? AdminAddressPath { get; init; }

    /// <summary>All options as given, for <c>/server_info</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Given { get; init; } = [];
}
