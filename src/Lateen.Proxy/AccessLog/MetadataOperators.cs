using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>A filter state object whose parts can be asked for by name: <c>%FILTER_STATE(KEY:FIELD:NAME)%</c>.</summary>
public interface IFilterStateFields
{
    /// <summary>The field's text; null when there is no such field.</summary>
    string? Field(string name);
}

/// <summary>Operators that read dynamic metadata and filter state.</summary>
internal static class MetadataOperators
{
    public static void AddTo(Dictionary<string, Func<string?, Operator>> all)
    {
        all["DYNAMIC_METADATA"] = argument => Of(argument, s => s.DynamicMetadata);
        all["METADATA"] = ByType;
        all["FILTER_STATE"] = FilterState;
        all["CLUSTER_METADATA"] = argument => Of(argument, s => s.Cluster?.Model.Configuration.Metadata);
        all["UPSTREAM_METADATA"] = argument => Of(argument, s => s.UpstreamHost?.Metadata);
        all["UPSTREAM_FILTER_STATE"] = argument =>
        {
            OperatorCatalog.Required(argument);
            return Operator.Absent;
        };
    }

    private static Operator ByType(string? argument)
    {
        var parts = OperatorCatalog.Required(argument).Split(':', 2);
        var path = parts.Length == 2 ? parts[1] : null;
        return parts[0] switch
        {
            "DYNAMIC" => Of(path, s => s.DynamicMetadata),
            "CLUSTER" => Of(path, s => s.Cluster?.Model.Configuration.Metadata),
            "UPSTREAM_HOST" => Of(path, s => s.UpstreamHost?.Metadata),
            "ROUTE" => Of(path, s => (s as HttpExchange)?.Route?.Metadata),
            "VIRTUAL_HOST" or "LISTENER" or "LISTENER_FILTER_CHAIN" => Operator.Absent,
            _ => throw new ConfigurationException("", $"{parts[0]} is not a valid METADATA type"),
        };
    }

    private static Operator Of(string? argument, Func<StreamInfo, Envoy.Config.Core.V3.Metadata?> metadata)
    {
        var path = OperatorCatalog.Required(argument).Split(':');
        return new((stream, output) => Find(metadata(stream), path) is { } value && Write(value, output));
    }

    private static Value? Find(Envoy.Config.Core.V3.Metadata? metadata, string[] path)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue(path[0], out var fields))
            return null;
        var value = Value.ForStruct(fields);
        foreach (var key in path.AsSpan(1))
        {
            if (value.StructValue is not { } inner || !inner.Fields.TryGetValue(key, out value))
                return null;
        }

        return value;
    }

    private static bool Write(Value value, FormatBuffer output)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.None or Value.KindOneofCase.NullValue:
                return false;
            case Value.KindOneofCase.StringValue:
                output.Append(value.StringValue);
                return true;
            case Value.KindOneofCase.NumberValue:
                output.Append(value.NumberValue.ToString(CultureInfo.InvariantCulture));
                return true;
            case Value.KindOneofCase.BoolValue:
                output.Append(value.BoolValue ? "true" : "false");
                return true;
            default:
                output.Append(JsonFormatter.Default.Format(value));
                return true;
        }
    }

    private static Operator FilterState(string? argument)
    {
        var parts = OperatorCatalog.Required(argument).Split(':', 3);
        var key = parts[0];
        var form = parts.Length > 1 ? parts[1] : "TYPED";
        switch (form)
        {
            case "PLAIN" or "TYPED":
                return Operator.Text(stream => stream.GetFilterState(key)?.ToString());
            case "FIELD" when parts.Length == 3:
                return Operator.Text(stream => (stream.GetFilterState(key) as IFilterStateFields)?.Field(parts[2]));
            default:
                throw new ConfigurationException("", $"Invalid filter state serialize type, only support PLAIN/TYPED/FIELD, got ({argument})");
        }
    }
}
