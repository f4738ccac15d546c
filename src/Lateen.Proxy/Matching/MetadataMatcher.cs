using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Proto = Envoy.Type.Matcher.V3.MetadataMatcher;

namespace Lateen.Proxy.Matching;

/// <summary>A compiled matcher of one value in metadata.</summary>
public sealed class MetadataMatcher
{
    private readonly string _filter;
    private readonly string[] _path;
    private readonly ValueMatcher _value;
    private readonly bool _invert;

    private MetadataMatcher(Proto m, ValueMatcher value)
    {
        (_filter, _value, _invert) = (m.Filter, value, m.Invert);
        _path = [.. m.Path.Select(p => p.Key)];
    }

    /// <summary>Compiles a matcher; <paramref name="path"/> names its field in errors.</summary>
    /// <exception cref="ConfigurationException">It is not valid.</exception>
    public static MetadataMatcher Compile(Proto m, string path)
    {
        if (m.Filter.Length == 0)
            throw new ConfigurationException($"{path}.filter", "expected a metadata namespace");
        if (m.Path.Count == 0 || m.Path.Any(p => p.Key.Length == 0))
            throw new ConfigurationException($"{path}.path", "expected keys");
        if (m.Value is null)
            throw new ConfigurationException($"{path}.value", "expected a value match");
        return new MetadataMatcher(m, ValueMatcher.Compile(m.Value, $"{path}.value"));
    }

    /// <summary>True when the metadata match.</summary>
    public bool Matches(Metadata? metadata) => _value.Matches(Find(metadata)) != _invert;

    private Value? Find(Metadata? metadata)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue(_filter, out var fields))
            return null;
        Value? value = null;
        foreach (var key in _path)
        {
            if (fields is null || !fields.Fields.TryGetValue(key, out value))
                return null;
            fields = value.KindCase == Value.KindOneofCase.StructValue ? value.StructValue : null;
        }

        return value;
    }
}
