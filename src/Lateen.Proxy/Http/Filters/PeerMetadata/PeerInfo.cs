using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Proxy.Http.Filters.PeerMetadata;

/// <summary>What a workload tells of itself to the other side (Istio: WorkloadMetadataObject). Empty strings are unknown.</summary>
public sealed record PeerInfo
{
    /// <summary>Filter state key of the client's workload.</summary>
    public const string DownstreamKey = "downstream_peer";

    /// <summary>Filter state key of the server's workload.</summary>
    public const string UpstreamKey = "upstream_peer";

    /// <summary>The pod's name.</summary>
    public string InstanceName { get; init; } = "";

    /// <summary>The workload's name, e.g. of its Deployment.</summary>
    public string WorkloadName { get; init; } = "";

    /// <summary>The workload's namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The owner's API path.</summary>
    public string Owner { get; init; } = "";

    /// <summary>The cluster it runs in.</summary>
    public string ClusterId { get; init; } = "";

    /// <summary>Label <c>service.istio.io/canonical-name</c>.</summary>
    public string CanonicalName { get; init; } = "";

    /// <summary>Label <c>service.istio.io/canonical-revision</c>.</summary>
    public string CanonicalRevision { get; init; } = "";

    /// <summary>Label <c>app</c>.</summary>
    public string App { get; init; } = "";

    /// <summary>Label <c>version</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>Reads node metadata, or the structure that peers exchange; unknown fields are passed over.</summary>
    public static PeerInfo From(Struct? metadata)
    {
        var fields = metadata?.Fields ?? [];
        var labels = fields.TryGetValue("LABELS", out var value) && value.KindCase == Value.KindOneofCase.StructValue
            ? value.StructValue.Fields
            : [];
        var workload = Text(fields, "WORKLOAD_NAME");
        var canonical = Text(labels, "service.istio.io/canonical-name");
        var revision = Text(labels, "service.istio.io/canonical-revision");
        return new PeerInfo
        {
            InstanceName = Text(fields, "NAME"),
            WorkloadName = workload,
            Namespace = Text(fields, "NAMESPACE"),
            Owner = Text(fields, "OWNER"),
            ClusterId = Text(fields, "CLUSTER_ID"),
            CanonicalName = canonical.Length > 0 ? canonical : workload,
            CanonicalRevision = revision.Length > 0 ? revision : "latest",
            App = Text(labels, "app"),
            Version = Text(labels, "version"),
        };
    }

    /// <summary>
    /// Reads the endpoint metadata <c>istio.workload</c>: name, namespace, canonical name, canonical revision and cluster, parted by
    /// semicolons; null when it is something else.
    /// </summary>
    public static PeerInfo? FromEndpoint(string workload)
    {
        var parts = workload.Split(';');
        return parts.Length < 5
            ? null
            : new PeerInfo
            {
                WorkloadName = parts[0],
                Namespace = parts[1],
                CanonicalName = parts[2],
                CanonicalRevision = parts[3],
                ClusterId = parts[4],
            };
    }

    /// <summary>The structure that peers exchange, its keys in order so that equal workloads give equal bytes.</summary>
    public Struct ToStruct()
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["app"] = App,
            ["service.istio.io/canonical-name"] = CanonicalName,
            ["service.istio.io/canonical-revision"] = CanonicalRevision,
            ["version"] = Version,
        };
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["CLUSTER_ID"] = ClusterId,
            ["NAME"] = InstanceName,
            ["NAMESPACE"] = Namespace,
            ["OWNER"] = Owner,
            ["WORKLOAD_NAME"] = WorkloadName,
        };
        var inner = new Struct();
        Add(inner.Fields, labels);
        var outer = new Struct();
        outer.Fields["CLUSTER_ID"] = Value.ForString(ClusterId);
        outer.Fields["LABELS"] = Value.ForStruct(inner);
        fields.Remove("CLUSTER_ID");
        Add(outer.Fields, fields);
        return outer;
    }

    /// <summary>The header value: base64 of the serialized structure.</summary>
    public string ToHeaderValue() => Convert.ToBase64String(ToStruct().ToByteArray());

    private static void Add(MapField<string, Value> into, SortedDictionary<string, string> values)
    {
        foreach (var (key, value) in values)
        {
            if (value.Length > 0)
            {
                into[key] = Value.ForString(value);
            }
        }
    }

    private static string Text(MapField<string, Value> fields, string key) =>
        fields.TryGetValue(key, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : "";
}
