using System.Text;
using Envoy.Config.Route.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Matching;

namespace Lateen.Proxy.Routing;

/// <summary>A compiled query parameter matcher: the first value of a name; without a matcher the name has to be there.</summary>
internal sealed class QueryMatcher
{
    private readonly string _name;
    private readonly byte[] _bytes;
    private readonly StringMatcher? _value;
    private readonly bool _present;

    private QueryMatcher(string name, StringMatcher? value, bool present)
    {
        (_name, _value, _present) = (name, value, present);
        _bytes = Encoding.UTF8.GetBytes(name);
    }

    public static QueryMatcher Compile(QueryParameterMatcher m, string path)
    {
        if (m.Name.Length == 0)
            throw new ConfigurationException($"{path}.name", "expected a parameter name");
        return m.QueryParameterMatchSpecifierCase switch
        {
            QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase.StringMatch =>
                new(m.Name, StringMatcher.Compile(m.StringMatch, $"{path}.string_match"), true),
            QueryParameterMatcher.QueryParameterMatchSpecifierOneofCase.PresentMatch => new(m.Name, null, m.PresentMatch),
            _ => new(m.Name, null, true),
        };
    }

    public bool Matches(in MatchContext context) =>
        context.TryGetQuery(_bytes, out var value) ? _value?.Matches(value) ?? _present : _value is null && !_present;

    public override string ToString() => $"query parameter {_name} {_value?.ToString() ?? (_present ? "present" : "absent")}";
}
