using System.Text;
using Envoy.Config.Core.V3;
using Lateen.Proxy.AccessLog;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;
using AppendAction = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;
using HeaderMap = Lateen.Proxy.Http.HeaderMap;

namespace Lateen.Proxy.Routing;

#pragma warning disable CS0612 // fields that Envoy deprecated are still in use

/// <summary>
/// Header changes of one level (Envoy: removals, then all values are evaluated, then overwrites, then additions). Values without
/// operators cost no allocation.
/// </summary>
internal sealed class HeaderMutations
{
    public static readonly HeaderMutations None = new([], []);

    private const int MaxEntries = 1000;
    private readonly HeaderName[] _remove;
    private readonly Addition[] _add;
    private readonly bool _formats;

    private HeaderMutations(HeaderName[] remove, Addition[] add)
    {
        (_remove, _add) = (remove, add);
        _formats = Array.Exists(add, a => a.Format is not null);
    }

    public bool IsEmpty => _remove.Length == 0 && _add.Length == 0;

    /// <param name="add">Headers to add.</param>
    /// <param name="remove">Headers to remove.</param>
    /// <param name="fields"><c>request_headers</c> or <c>response_headers</c>, for errors.</param>
    /// <exception cref="ConfigurationException">A header that may not be changed, or a value that is not valid.</exception>
    public static HeaderMutations Compile(IReadOnlyList<HeaderValueOption> add, IReadOnlyList<string> remove, string fields)
    {
        if (add.Count == 0 && remove.Count == 0)
            return None;
        if (add.Count > MaxEntries || remove.Count > MaxEntries)
            throw new ConfigurationException($"{fields}_to_add", $"expected at most {MaxEntries} entries");
        return new HeaderMutations(
            [.. remove.Select((name, i) => Changeable(name, $"{fields}_to_remove[{i}]"))],
            [.. add.Select((option, i) => Addition.Compile(option, $"{fields}_to_add[{i}]")).OfType<Addition>()]);
    }

    public void Apply(HttpExchange exchange, HeaderMap headers)
    {
        foreach (var name in _remove)
            headers.Remove(name);
        if (_add.Length == 0)
            return;
        var values = _formats ? Evaluate(exchange) : null;
        Span<bool> write = stackalloc bool[_add.Length];
        for (var i = 0; i < _add.Length; i++)
            write[i] = _add[i].Applies(headers) && (values?[i] is not [] || _add[i].KeepEmpty);
        for (var i = 0; i < _add.Length; i++)
        {
            if (write[i] && _add[i].Overwrites)
                _add[i].Set(headers, values?[i]);
        }

        for (var i = 0; i < _add.Length; i++)
        {
            if (write[i] && !_add[i].Overwrites)
                _add[i].Append(headers, values?[i]);
        }
    }

    internal static HeaderName Changeable(string name, string path)
    {
        if (name.Length == 0 || name[0] == ':' || name.Equals("host", StringComparison.OrdinalIgnoreCase))
            throw new ConfigurationException(path, $":-prefixed or host headers may not be modified, got '{name}'");
        return HeaderName.Of(name);
    }

    private byte[]?[] Evaluate(HttpExchange exchange)
    {
        var values = new byte[]?[_add.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = _add[i].Format?.Format(exchange).ToArray();
        return values;
    }

    private sealed record Addition(HeaderName Name, byte[] Literal, SubstitutionFormat? Format, AppendAction Action, bool KeepEmpty)
    {
        public bool Overwrites => Action is AppendAction.OverwriteIfExists or AppendAction.OverwriteIfExistsOrAdd;

        /// <summary>Null for an entry that can never have an effect: an empty literal that is not kept.</summary>
        public static Addition? Compile(HeaderValueOption option, string path)
        {
            if (option.Header is null)
                throw new ConfigurationException($"{path}.header", "expected a header");
            var action = option.AppendAction;
            if (option.Append is { } append)
            {
                if (action != AppendAction.AppendIfExistsOrAdd)
                    throw new ConfigurationException($"{path}.append", "append and append_action cannot both be set");
                action = append ? AppendAction.AppendIfExistsOrAdd : AppendAction.OverwriteIfExistsOrAdd;
            }

            var name = Changeable(option.Header.Key, $"{path}.header.key");
            var raw = option.Header.Value.Length > 0 ? option.Header.Value : option.Header.RawValue.ToStringUtf8();
            if (raw.Length == 0 && !option.KeepEmptyValue)
                return null;
            if (!raw.Contains('%', StringComparison.Ordinal))
                return new Addition(name, Encoding.UTF8.GetBytes(raw), null, action, option.KeepEmptyValue);
            try
            {
                return new Addition(name, [], SubstitutionFormat.Compile(raw, omitEmptyValues: true), action, option.KeepEmptyValue);
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"{path}.header.value");
            }
        }

        public bool Applies(HeaderMap headers) => Action switch
        {
            AppendAction.AddIfAbsent => !headers.Contains(Name),
            AppendAction.OverwriteIfExists => headers.Contains(Name),
            _ => true,
        };

        public void Set(HeaderMap headers, byte[]? value) => headers.Set(Name, value ?? Literal);

        public void Append(HeaderMap headers, byte[]? value) => headers.Add(Name, value ?? Literal);
    }
}
