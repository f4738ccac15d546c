using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;

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
        all["DYNAMIC_METADATA"] = Dynamic;
        all["METADATA"] = argument => OperatorCatalog.Required(argument).StartsWith("DYNAMIC:", StringComparison.Ordinal)
            ? Dynamic(argument!["DYNAMIC:".Length..])
            : Operator.Absent;
        all["FILTER_STATE"] = FilterState;
        foreach (var name in (string[])["CLUSTER_METADATA", "UPSTREAM_METADATA", "UPSTREAM_FILTER_STATE"])
        {
            all[name] = argument =>
            {
                OperatorCatalog.Required(argument);
                return Operator.Absent;
            };
        }
    }

    private static Operator Dynamic(string? argument)
    {
        var path = OperatorCatalog.Required(argument).Split(':');
        return new((stream, output) => Find(stream.DynamicMetadata, path) is { } value && Write(value, output));
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
