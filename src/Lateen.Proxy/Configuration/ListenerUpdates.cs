using Envoy.Config.Listener.V3;
using Google.Protobuf;
using Lateen.Proxy.Listeners;
using Lateen.Proxy.Stats;
using Lateen.Xds;
using Lateen.Xds.Client;
using Microsoft.Extensions.Logging;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// Applies listeners: static ones at start, others by LDS. A new or changed listener waits until its routes and secrets are there
/// (warming) while the old one serves on; then it takes over. Removals come before additions (Envoy: LDS).
/// </summary>
public sealed partial class ListenerUpdates
{
    private readonly IListenerSet _listeners;
    private readonly ILogger _logger;
    private readonly HashSet<string> _static = [];
    private readonly Dictionary<string, Listener> _wanted = [];
    private readonly Dictionary<string, Warming> _warming = [];
    private readonly HashSet<string> _active = [];
    private readonly Lock _gate = new();
    private readonly Counter _added;
    private readonly Counter _modified;
    private readonly Counter _removed;
    private readonly Counter _createFailure;
    private readonly Counter _createSuccess;
    private readonly Gauge _totalWarming;
    private readonly Gauge _totalActive;

    /// <summary>Takes over the type of LDS.</summary>
    public ListenerUpdates(IListenerSet listeners, XdsConnections connections, StatsStore stats, TimeProvider time, ILoggerFactory loggers)
    {
        _listeners = listeners;
        _logger = loggers.CreateLogger("Lateen.Proxy.Configuration.Listeners");
        Records = new ResourceRecords(time);
        StaticRecords = new ResourceRecords(time);
        Stats = connections.Register(TypeUrls.Listener, "listener_manager.lds.", response => ValueTask.FromResult(Apply(response)));
        _added = stats.Counter("listener_manager.listener_added");
        _modified = stats.Counter("listener_manager.listener_modified");
        _removed = stats.Counter("listener_manager.listener_removed");
        _createFailure = stats.Counter("listener_manager.listener_create_failure");
        _createSuccess = stats.Counter("listener_manager.listener_create_success");
        _totalWarming = stats.Gauge("listener_manager.total_listeners_warming");
        _totalActive = stats.Gauge("listener_manager.total_listeners_active");
    }

    /// <summary>Dynamic listeners, for admin pages.</summary>
    public ResourceRecords Records { get; }

    /// <summary>The bootstrap's listeners, for admin pages.</summary>
    public ResourceRecords StaticRecords { get; }

    /// <summary>The version of LDS in force.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Completes when the listeners applied last are active or failed.</summary>
    public Task Warm
    {
        get
        {
            lock (_gate)
                return Task.WhenAll(_warming.Values.Select(w => w.Finished.Task));
        }
    }

    /// <summary>Called with each response of LDS, applied or rejected.</summary>
    internal Action? Received { get; set; }

    internal UpdateStats Stats { get; }

    /// <summary>Applies the bootstrap's listeners.</summary>
    /// <exception cref="ConfigurationException">One of them cannot be honoured or bound.</exception>
    public void ApplyStatic(IReadOnlyList<Listener> listeners)
    {
        for (var i = 0; i < listeners.Count; i++)
        {
            var listener = listeners[i];
            if (listener.Name.Length == 0)
                listener.Name = Guid.NewGuid().ToString();
            _static.Add(listener.Name);
            if (Add(listener, "", StaticRecords) is { } error)
                throw new ConfigurationException($"static_resources.listeners[{i}]", error);
        }
    }

    private string? Apply(ResourceResponse response)
    {
        var errors = new List<string>();
        if (Parse(response, errors) is not { } wanted)
            return string.Join('\n', errors);
        foreach (var name in _wanted.Keys.Where(n => !_static.Contains(n) && !wanted.ContainsKey(n)).ToList())
            Remove(name);
        foreach (var listener in wanted.Values)
        {
            if (_wanted.TryGetValue(listener.Name, out var known) && known.Equals(listener))
                continue;
            if (Add(listener, response.Version, Records) is { } error)
                errors.Add($"{listener.Name}: {error}");
        }

        Version = errors.Count == 0 ? response.Version : Version;
        Received?.Invoke();
        return errors.Count == 0 ? null : "Error adding/updating listener(s) " + string.Join('\n', errors);
    }

    // Null when a resource is not even a listener: nothing of the response can be trusted then.
    private Dictionary<string, Listener>? Parse(ResourceResponse response, List<string> errors)
    {
        var wanted = new Dictionary<string, Listener>();
        foreach (var any in response.Resources)
        {
            try
            {
                var listener = Listener.Parser.ParseFrom(any.Value);
                if (_static.Contains(listener.Name))
                    LogStaticWins(listener.Name);
                else if (listener.Name.Length == 0)
                    errors.Add("a listener without name cannot be updated");
                else if (!wanted.TryAdd(listener.Name, listener))
                    errors.Add($"{listener.Name}: duplicate listener {listener.Name} found");
            }
            catch (InvalidProtocolBufferException e)
            {
                errors.Add(e.Message);
                return null;
            }
        }

        return wanted;
    }

    // Null when it was accepted: active, or warming.
    private string? Add(Listener listener, string version, ResourceRecords records)
    {
        IPreparedListener prepared;
        try
        {
            prepared = _listeners.Prepare(listener);
        }
        catch (ConfigurationException e)
        {
            _createFailure.Increment();
            records.Reject(listener.Name, version, e.Message);
            return e.Message;
        }

        var warming = new Warming(prepared, listener, version, records);
        lock (_gate)
        {
            (_wanted.ContainsKey(listener.Name) ? _modified : _added).Increment();
            Supersede(listener.Name);
            _wanted[listener.Name] = listener;
            _warming[listener.Name] = warming;
            CountTotals();
        }

        var ready = Task.WhenAll(prepared.Warming);
        if (ready.IsCompleted)
            return Activate(warming);
        records.Warm(listener.Name, version, listener);
        ready.ContinueWith(_ => ActivateLate(warming), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return null;
    }

    private void ActivateLate(Warming warming)
    {
        if (Activate(warming) is { } error)
            LogNotActivated(warming.Listener.Name, error);
    }

    private string? Activate(Warming warming)
    {
        var name = warming.Listener.Name;
        lock (_gate)
        {
            // Superseded or removed while it was warming.
            if (!_warming.TryGetValue(name, out var current) || current != warming)
                return null;
            _warming.Remove(name);
            try
            {
                _listeners.Activate(warming.Prepared);
                _active.Add(name);
                _createSuccess.Increment();
                warming.Records.Accept(name, warming.Version, warming.Listener);
                LogActive(name);
                return null;
            }
            catch (ConfigurationException e)
            {
                _createFailure.Increment();
                _wanted.Remove(name);
                warming.Prepared.Dispose();
                warming.Records.Reject(name, warming.Version, e.Message);
                return e.Message;
            }
            finally
            {
                CountTotals();
                warming.Finished.TrySetResult();
            }
        }
    }

    private void Remove(string name)
    {
        lock (_gate)
        {
            _wanted.Remove(name);
            Supersede(name);
            if (_active.Remove(name))
                _listeners.Remove(name);
            Records.Remove(name);
            _removed.Increment();
            CountTotals();
        }

        LogRemoved(name);
    }

    private void Supersede(string name)
    {
        if (!_warming.Remove(name, out var superseded))
            return;
        superseded.Prepared.Dispose();
        superseded.Finished.TrySetResult();
    }

    private void CountTotals()
    {
        _totalWarming.Set(_warming.Count);
        _totalActive.Set(_active.Count);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "lds: listener '{Name}' is active")]
    private partial void LogActive(string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "lds: listener '{Name}' removed")]
    private partial void LogRemoved(string name);

    [LoggerMessage(Level = LogLevel.Debug, Message = "lds: listener '{Name}' is static and stays as it is")]
    private partial void LogStaticWins(string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "lds: listener '{Name}' could not be activated: {Reason}")]
    private partial void LogNotActivated(string name, string reason);

    private sealed record Warming(IPreparedListener Prepared, Listener Listener, string Version, ResourceRecords Records)
    {
        public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
