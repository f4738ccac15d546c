namespace Lateen.Proxy.Clusters;

#pragma warning disable CA1822

/// <summary>An event on our side of a host, not one of its answers.</summary>
public enum LocalOriginEvent
{
    /// <summary>A connection was made.</summary>
    ConnectSuccess,

    /// <summary>A connection could not be made or was reset.</summary>
    ConnectFailed,

    /// <summary>A connection or request timed out.</summary>
    Timeout,
}

/// <summary>Passive health checking of a cluster's hosts (Envoy: outlier detection). Safe from any thread.</summary>
public sealed class OutlierDetector
{
    /// <summary>An HTTP response, or a status that stands for one.</summary>
    public void Report(Host host, int status)
    {
    }

    /// <summary>A connection or time-out event.</summary>
    public void Report(Host host, LocalOriginEvent localEvent)
    {
    }
}
