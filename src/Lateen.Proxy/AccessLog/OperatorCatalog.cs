using Lateen.Proxy.Configuration;

namespace Lateen.Proxy.AccessLog;

/// <summary>All operators by name (Envoy: access log command operators).</summary>
internal static class OperatorCatalog
{
    private static readonly Dictionary<string, Func<string?, Operator>> Factories = Collect();

    /// <summary>Makes an operator.</summary>
    /// <exception cref="ConfigurationException">An unknown name or a wrong argument.</exception>
    public static Operator Create(string name, string? argument) => Factories.TryGetValue(name, out var factory)
        ? factory(argument)
        : throw new ConfigurationException("", $"Not supported field in StreamInfo: {name}");

    /// <summary>An operator that takes no argument.</summary>
    public static Func<string?, Operator> Plain(Operator value) => argument => argument is null
        ? value
        : throw new ConfigurationException("", $"operator does not take arguments, got ({argument})");

    /// <summary>The argument of an operator that needs one.</summary>
    public static string Required(string? argument) => argument is { Length: > 0 }
        ? argument
        : throw new ConfigurationException("", "operator requires arguments");

    private static Dictionary<string, Func<string?, Operator>> Collect()
    {
        var all = new Dictionary<string, Func<string?, Operator>>();
        HeaderOperators.AddTo(all);
        StreamOperators.AddTo(all);
        TimeOperators.AddTo(all);
        ConnectionOperators.AddTo(all);
        MetadataOperators.AddTo(all);
        return all;
    }
}
