namespace Lateen.Local.Workloads;

/// <summary>Ports of a sidecar on its replica's address.</summary>
public static class SidecarPorts
{
    /// <summary>Administration.</summary>
    public const int Admin = 15000;

    /// <summary>Readiness, <c>/healthz/ready</c>.</summary>
    public const int Readiness = 15021;

    /// <summary>HTTP proxy for the application's calls.</summary>
    public const int HttpProxy = 15080;

    /// <summary>Metrics, <c>/stats/prometheus</c>.</summary>
    public const int Metrics = 15090;
}
