using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Host;

/// <summary>What the executable itself has to say.</summary>
internal static partial class HostLog
{
    /// <summary>Notes options of Envoy that change nothing here.</summary>
    public static void Ignored(ILoggerFactory loggers, List<string> options)
    {
        if (options.Count > 0)
            LogIgnored(loggers.CreateLogger("Lateen.Proxy.Host"), string.Join(", ", options));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "options without effect: {Options}")]
    private static partial void LogIgnored(ILogger logger, string options);
}
