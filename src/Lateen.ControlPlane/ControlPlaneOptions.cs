using Lateen.Identity;
using Microsoft.Extensions.Logging;

namespace Lateen.ControlPlane;

/// <summary>What a control plane is started with.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The port of the API when none is given (istiod: 15014).</summary>
    public const int DefaultPort = 15014;

    /// <summary>The folder with the mesh's YAML, read with everything below it and watched.</summary>
    public required string ConfigFolder { get; init; }

    /// <summary>The folder for keys, the socket and the status file; made with mode 0700 when it is not there.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The port of the API on 127.0.0.1; 0 takes any free one.</summary>
    public int ControlPort { get; init; } = DefaultPort;

    /// <summary>The port of this machine to which the gateway's port 80 goes.</summary>
    public int GatewayPort { get; init; } = 8080;

    /// <summary>The port of this machine to which the gateway's port 443 goes.</summary>
    public int GatewayHttpsPort { get; init; } = 8443;

    /// <summary>The trust domain of all identities, unless the mesh's configuration says another.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Lifetime of workload certificates; at least a minute, at most 90 days.</summary>
    public TimeSpan WorkloadCertificateLifetime { get; init; } = CertificateAuthority.DefaultLifetime;

    /// <summary>The least level that is logged, on standard error.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    internal string RunFolder => Path.Combine(StateFolder, "run");

    internal string Socket => Path.Combine(RunFolder, "xds.sock");
}

/// <summary>A control plane that cannot start; the message says what to do about it.</summary>
public sealed class ControlPlaneException(string message, Exception? inner = null) : Exception(message, inner);
