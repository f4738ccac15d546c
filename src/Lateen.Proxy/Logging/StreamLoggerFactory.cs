using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Logging;

/// <summary>
/// The process's log as lines of text in Envoy's form: <c>[2026-01-31 12:00:00.000][PID][info][upstream] text</c>.
/// </summary>
public sealed class StreamLoggerFactory(Stream output, LogLevels levels, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _writing = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new StreamLogger(this, LogLevels.ComponentOf(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the log has one destination");

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private void Write(string component, LogLevel level, string message, Exception? exception)
    {
        var line = new StringBuilder()
            .Append('[').Append(time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture))
            .Append("][").Append(Environment.ProcessId)
            .Append("][").Append(LogLevels.NameOf(level))
            .Append("][").Append(component).Append("] ")
            .Append(message);
        if (exception is not null)
            line.Append(": ").Append(level >= LogLevel.Error ? exception : exception.Message);
        line.Append('\n');
        var bytes = Encoding.UTF8.GetBytes(line.ToString());
        lock (_writing)
        {
            output.Write(bytes);
            output.Flush();
        }
    }

    private sealed class StreamLogger(StreamLoggerFactory owner, string component) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logLevel >= owner.Levels[component];

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner.Write(component, logLevel, formatter(state, exception), exception);
        }
    }

    private LogLevels Levels => levels;
}
