namespace Lateen.Proxy.Clusters;

/// <summary>A cluster: long-lived; its configuration and hosts are immutable objects that are replaced whole.</summary>
public sealed class Cluster(string name)
{
    /// <summary>The cluster's name, e.g. <c>outbound|9080||reviews.default.svc.cluster.local</c>.</summary>
    public string Name { get; } = name;
}

/// <summary>One endpoint of a cluster.</summary>
public sealed class Host(System.Net.EndPoint address)
{
    /// <summary>Where it listens.</summary>
    public System.Net.EndPoint Address { get; } = address;
}
