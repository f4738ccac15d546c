using Envoy.Config.Core.V3;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Lateen.Proxy.Clusters;

/// <summary>Reads what Istio writes into cluster metadata under <c>istio</c>.</summary>
internal static class IstioMetadata
{
    /// <summary>The cluster's services; empty when metadata says nothing of them.</summary>
    public static IReadOnlyList<IstioService> Services(Metadata? metadata)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue("istio", out var istio)
            || !istio.Fields.TryGetValue("services", out var list) || list.KindCase != Value.KindOneofCase.ListValue)
            return [];
        return [.. list.ListValue.Values.Where(v => v.KindCase == Value.KindOneofCase.StructValue).Select(v => v.StructValue.Fields)
            .Select(f => new IstioService(Text(f, "host"), Text(f, "name"), Text(f, "namespace")))];
    }

    private static string Text(MapField<string, Value> fields, string key) =>
        fields.TryGetValue(key, out var value) ? value.StringValue : "";
}
