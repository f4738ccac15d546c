using System.Collections.Concurrent;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Http;
using Lateen.Proxy.Stats;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.AccessLog;

/// <summary>
/// Makes access loggers: files and the standard streams. Loggers and filters that this proxy does not have are accepted, told to the
/// log once, and counted in <c>access_logs.unsupported</c>: they decide nothing about traffic.
/// </summary>
public sealed partial class AccessLogFactory(AccessLogFiles files, StatsStore stats, ILogger<AccessLogFactory> logger) : IAccessLogFactory
{
    private readonly ConcurrentDictionary<string, bool> _told = new();
    private readonly Counter _unsupported = stats.Counter("access_logs.unsupported");

    /// <inheritdoc/>
    public IAccessLog Create(IReadOnlyList<Envoy.Config.Accesslog.V3.AccessLog> configuration)
    {
        var entries = new List<Entry>();
        for (var i = 0; i < configuration.Count; i++)
        {
            try
            {
                if (CreateSink(configuration[i]) is var (file, format))
                    entries.Add(new(configuration[i].Filter is { } filter ? new LogFilters(TellUnsupported).Compile(filter) : null, file, format));
            }
            catch (ConfigurationException e)
            {
                throw e.Within($"access_log[{i}]");
            }
        }

        return new Loggers([.. entries]);
    }

    private (LogFile File, ILineFormat Format)? CreateSink(Envoy.Config.Accesslog.V3.AccessLog log)
    {
        var any = log.TypedConfig ?? throw new ConfigurationException("typed_config", $"required by access logger '{log.Name}'");
        if (any.Is(FileAccessLog.Descriptor))
        {
            var file = any.Unpack<FileAccessLog>();
            return (files.Open(file.Path), FileFormat(file));
        }

        if (any.Is(StdoutAccessLog.Descriptor))
            return (files.Open("/dev/stdout"), Format(any.Unpack<StdoutAccessLog>().LogFormat));
        if (any.Is(StderrAccessLog.Descriptor))
            return (files.Open("/dev/stderr"), Format(any.Unpack<StderrAccessLog>().LogFormat));
        TellUnsupported(any.TypeUrl);
        return null;
    }

#pragma warning disable CS0612 // the deprecated formats are still sent
    private static ILineFormat FileFormat(FileAccessLog file) => file.AccessLogFormatCase switch
    {
        FileAccessLog.AccessLogFormatOneofCase.Format when file.Format.Length > 0 => new TextLineFormat(SubstitutionFormat.Compile(file.Format)),
        FileAccessLog.AccessLogFormatOneofCase.JsonFormat => JsonFormat.Compile(file.JsonFormat, omitEmpty: false, typed: false),
        FileAccessLog.AccessLogFormatOneofCase.TypedJsonFormat => JsonFormat.Compile(file.TypedJsonFormat, omitEmpty: false),
        FileAccessLog.AccessLogFormatOneofCase.LogFormat => Format(file.LogFormat),
        _ => Format(null),
    };

    private static ILineFormat Format(SubstitutionFormatString? format) => format?.FormatCase switch
    {
        null or SubstitutionFormatString.FormatOneofCase.None => new TextLineFormat(SubstitutionFormat.Compile(SubstitutionFormat.DefaultText)),
        SubstitutionFormatString.FormatOneofCase.JsonFormat => JsonFormat.Compile(format.JsonFormat, format.OmitEmptyValues),
        SubstitutionFormatString.FormatOneofCase.TextFormat =>
            new TextLineFormat(SubstitutionFormat.Compile(format.TextFormat, format.OmitEmptyValues)),
        _ => new TextLineFormat(SubstitutionFormat.Compile(DataSourceReader.ReadText(format.TextFormatSource), format.OmitEmptyValues)),
    };
#pragma warning restore CS0612

    private void TellUnsupported(string what)
    {
        _unsupported.Increment();
        if (_told.TryAdd(what, true))
            LogUnsupported(what);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "access log {What} is not supported and is left out")]
    private partial void LogUnsupported(string what);

    private sealed record Entry(LogFilter? Filter, LogFile File, ILineFormat Format);

    private sealed class Loggers(Entry[] entries) : IAccessLog
    {
        public void Log(StreamInfo stream)
        {
            foreach (var entry in entries)
            {
                if (entry.Filter is null || entry.Filter(stream))
                    entry.File.Write(entry.Format.Format(stream));
            }
        }
    }
}
