using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Logging;

/// <summary>
/// The level of each component's log, changed while the process runs (command line, admin <c>/logging</c>). Components have Envoy's
/// names; each stands for some of our namespaces.
/// </summary>
public sealed class LogLevels
{
    private static readonly (string Category, string Component)[] Components =
    [
        ("Lateen.Proxy.Http.Router", "router"),
        ("Lateen.Proxy.Http.Filters", "filter"),
        ("Lateen.Proxy.Http", "http"),
        ("Lateen.Proxy.Upstream", "pool"),
        ("Lateen.Proxy.Clusters", "upstream"),
        ("Lateen.Proxy.Routing", "router"),
        ("Lateen.Proxy.Listeners", "conn_handler"),
        ("Lateen.Proxy.Network", "filter"),
        ("Lateen.Proxy.Tls", "connection"),
        ("Lateen.Proxy.Loops", "connection"),
        ("Lateen.Proxy.Codecs", "client"),
        ("Lateen.Proxy.Configuration", "config"),
        ("Lateen.Proxy.AccessLog", "file"),
        ("Lateen.Proxy.Admin", "admin"),
        ("Lateen.Xds", "config"),
    ];

    private readonly ConcurrentDictionary<string, LogLevel> _levels = new();

    /// <summary>All components at one level.</summary>
    public LogLevels(LogLevel level)
    {
        foreach (var name in Names)
            _levels[name] = level;
    }

    /// <summary>The components' names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Components.Select(c => c.Component).Append("main").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The component of a log category.</summary>
    public static string ComponentOf(string category) =>
        Array.Find(Components, c => category.StartsWith(c.Category, StringComparison.Ordinal)).Component ?? "main";

    /// <summary>The level of a component.</summary>
    public LogLevel this[string component] => _levels.GetValueOrDefault(component, LogLevel.Information);

    /// <summary>Sets one component; false when there is no such component.</summary>
    public bool Set(string component, LogLevel level)
    {
        if (!_levels.ContainsKey(component))
            return false;
        _levels[component] = level;
        return true;
    }

    /// <summary>Sets all components.</summary>
    public void SetAll(LogLevel level)
    {
        foreach (var name in Names)
            _levels[name] = level;
    }

    /// <summary>Reads a level as Envoy names it: trace, debug, info, warning, warn, error, critical, off.</summary>
    public static bool TryParse(string text, out LogLevel level)
    {
        level = text switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warning" or "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            "critical" => LogLevel.Critical,
            _ => LogLevel.None,
        };
        return level != LogLevel.None || text == "off";
    }

    /// <summary>Envoy's name of a level.</summary>
    public static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        _ => "off",
    };
}
