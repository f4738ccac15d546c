using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Extensions;

/// <summary>
/// The configuration fields that were accepted but are not honoured, each logged once and listed for the admin server. Only for fields
/// that change neither who gets through nor where a request goes; the rest is a configuration error.
/// </summary>
public sealed partial class IgnoredFields
{
    private readonly ConcurrentDictionary<string, long> _fields = new();

    /// <summary>Every field path with the number of times it was met.</summary>
    public IEnumerable<KeyValuePair<string, long>> All => _fields;

    /// <summary>Notes a field that is set but not honoured.</summary>
    public void Note(ProxyServices services, string field)
    {
        services.Stats.Counter("server.ignored_fields").Increment();
        if (_fields.AddOrUpdate(field, 1, static (_, seen) => seen + 1) == 1)
        {
            LogIgnored(services.LoggerFactory.CreateLogger<IgnoredFields>(), field);
        }
    }

    [LoggerMessage(LogLevel.Information, "configuration field {Field} is not supported and has no effect")]
    private static partial void LogIgnored(ILogger logger, string field);
}
