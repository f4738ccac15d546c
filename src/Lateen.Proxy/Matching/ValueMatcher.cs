using Google.Protobuf.WellKnownTypes;
using Lateen.Proxy.Configuration;
using Proto = Envoy.Type.Matcher.V3.ValueMatcher;

namespace Lateen.Proxy.Matching;

/// <summary>A compiled matcher of a metadata value.</summary>
public sealed class ValueMatcher
{
    private readonly Func<Value?, bool> _matches;

    private ValueMatcher(Func<Value?, bool> matches) => _matches = matches;

    /// <summary>Compiles a matcher; <paramref name="path"/> names its field in errors.</summary>
    /// <exception cref="ConfigurationException">It is empty or not valid.</exception>
    public static ValueMatcher Compile(Proto m, string path)
    {
        switch (m.MatchPatternCase)
        {
            case Proto.MatchPatternOneofCase.NullMatch:
                return new(v => v?.KindCase == Value.KindOneofCase.NullValue);
            case Proto.MatchPatternOneofCase.BoolMatch:
                var wanted = m.BoolMatch;
                return new(v => v?.KindCase == Value.KindOneofCase.BoolValue && v.BoolValue == wanted);
            case Proto.MatchPatternOneofCase.PresentMatch:
                var present = m.PresentMatch;
                return new(v => v is { KindCase: not Value.KindOneofCase.None } == present);
            case Proto.MatchPatternOneofCase.StringMatch:
                var text = StringMatcher.Compile(m.StringMatch, $"{path}.string_match");
                return new(v => v?.KindCase == Value.KindOneofCase.StringValue && text.Matches(v.StringValue));
            case Proto.MatchPatternOneofCase.DoubleMatch when m.DoubleMatch.Range is { } range:
                return new(v => v?.KindCase == Value.KindOneofCase.NumberValue && v.NumberValue >= range.Start && v.NumberValue < range.End);
            case Proto.MatchPatternOneofCase.DoubleMatch:
                var exact = m.DoubleMatch.Exact;
                return new(v => v?.KindCase == Value.KindOneofCase.NumberValue && v.NumberValue.Equals(exact));
            case Proto.MatchPatternOneofCase.ListMatch when m.ListMatch.OneOf is not null:
                var oneOf = Compile(m.ListMatch.OneOf, $"{path}.list_match.one_of");
                return new(v => v?.KindCase == Value.KindOneofCase.ListValue && v.ListValue.Values.Any(oneOf.Matches));
            case Proto.MatchPatternOneofCase.OrMatch:
                var any = m.OrMatch.ValueMatchers.Select((o, i) => Compile(o, $"{path}.or_match.value_matchers[{i}]")).ToArray();
                return new(v => any.Any(o => o.Matches(v)));
            default:
                throw new ConfigurationException(path, "expected a value match");
        }
    }

    /// <summary>True when the value matches; null stands for a value that is not there.</summary>
    public bool Matches(Value? value) => _matches(value);
}
