namespace Lateen.Translation.Naming;

/// <summary>The names of clusters, exactly as Istio writes them (<c>direction|port|subset|host</c>).</summary>
public static class ClusterName
{
    /// <summary>Takes nothing: a static cluster without endpoints.</summary>
    public const string BlackHole = "BlackHoleCluster";

    /// <summary>Outbound traffic to its original destination, of sidecars only.</summary>
    public const string Passthrough = "PassthroughCluster";

    /// <summary>Inbound traffic to ports no service names.</summary>
    public const string InboundPassthrough = "InboundPassthroughCluster";

    /// <summary>The route target of a destination without a host; never defined.</summary>
    public const string UnknownService = "UnknownService";

    /// <summary>The bootstrap's cluster for secrets served on the local socket.</summary>
    public const string SdsGrpc = "sds-grpc";

    /// <summary>The cluster of a service's port; <paramref name="port"/> is the service's port, never the target port.</summary>
    public static string Outbound(int port, string subset, string host) => $"outbound|{port}|{subset}|{host}";

    /// <summary>The cluster of a workload's own port.</summary>
    public static string Inbound(int targetPort) => $"inbound|{targetPort}||";

    /// <summary>The server name that Istio mTLS clients send by default.</summary>
    public static string ServerName(int port, string subset, string host) => $"outbound_.{port}_.{subset}_.{host}";

    /// <summary>The name under which Envoy keeps statistics: <c>;</c> marks where the name ends for tag extraction.</summary>
    public static string Statistics(string clusterName) => clusterName + ";";

    /// <summary>Takes an outbound name apart; false for any other name.</summary>
    public static bool TryParseOutbound(string name, out int port, out string subset, out string host)
    {
        port = 0;
        subset = host = "";
        var parts = name.Split('|');
        if (parts.Length != 4 || parts[0] != "outbound" || !int.TryParse(parts[1], out port)) return false;
        (subset, host) = (parts[2], parts[3]);
        return true;
    }
}
