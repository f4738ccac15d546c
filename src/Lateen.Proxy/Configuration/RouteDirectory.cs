using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Lateen.Proxy.Extensions;
using Lateen.Proxy.Routing;
using Lateen.Xds;
using Lateen.Xds.Client;

namespace Lateen.Proxy.Configuration;

/// <summary>
/// Route configurations by name (RDS). Connection managers that use the same name share one table; the watch ends with the last one.
/// A new table is published by one reference write; requests under way keep theirs.
/// </summary>
public sealed class RouteDirectory : IRouteProvider
{
    // A listener that takes another's place in one update releases a name and asks for it again at once. The control plane would not
    // send it a second time, so the watch outlives its last user a little.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly XdsConnections _connections;
    private readonly ExtensionCatalog _extensions;
    private readonly Action<string> _ignored;
    private readonly TimeProvider _time;
    private readonly UpdateStats _stats;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Takes over the type of RDS; <paramref name="ignored"/> is told of fields without effect.</summary>
    public RouteDirectory(XdsConnections connections, ExtensionCatalog extensions, Action<string> ignored, TimeProvider time)
    {
        _ignored = ignored;
        _connections = connections;
        _extensions = extensions;
        _time = time;
        Records = new ResourceRecords(time);
        _stats = connections.Register(TypeUrls.Route, "rds.", response => ValueTask.FromResult(Apply(response)));
    }

    /// <summary>What is in force, for admin pages.</summary>
    public ResourceRecords Records { get; }

    /// <inheritdoc/>
    public IRouteSource Subscribe(string name, ConfigSource source)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out var entry))
            {
                var names = _connections.Names(TypeUrls.Route, source);
                entry = new Entry(name, names, new FetchTimeout(source, _time, _stats.TimedOut));
                _entries[name] = entry;
                names.Add(name);
            }

            entry.Users++;
            entry.Ending?.Dispose();
            entry.Ending = null;
            return new Source(this, entry);
        }
    }

    /// <summary>Applies one response: every route configuration is compiled; good ones are put in force, bad ones keep what was.</summary>
    private string? Apply(ResourceResponse response)
    {
        var errors = new List<string>();
        foreach (var any in response.Resources)
        {
            RouteConfiguration configuration;
            try
            {
                configuration = RouteConfiguration.Parser.ParseFrom(any.Value);
            }
            catch (InvalidProtocolBufferException e)
            {
                errors.Add(e.Message);
                continue;
            }

            lock (_gate)
            {
                if (_entries.TryGetValue(configuration.Name, out var entry) && Apply(entry, configuration, response.Version) is { } error)
                    errors.Add($"{configuration.Name}: {error}");
            }
        }

        return errors.Count == 0 ? null : string.Join('\n', errors);
    }

    private string? Apply(Entry entry, RouteConfiguration configuration, string version)
    {
        try
        {
            if (entry.Current?.Configuration.Equals(configuration) != true)
            {
                var table = RouteTable.Compile(configuration, _extensions);
                foreach (var field in table.IgnoredFields)
                    _ignored(field);
                entry.Current = table;
                Records.Accept(entry.Name, version, configuration);
            }

            return null;
        }
        catch (ConfigurationException e)
        {
            Records.Reject(entry.Name, version, e.Message);
            return e.Message;
        }
        finally
        {
            entry.FirstFetch.Complete();
        }
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users == 0)
                entry.Ending = _time.CreateTimer(_ => EndUnused(entry), null, Linger, Timeout.InfiniteTimeSpan);
        }
    }

    private void EndUnused(Entry entry)
    {
        lock (_gate)
        {
            if (entry.Users > 0 || !_entries.Remove(entry.Name))
                return;
            Records.Remove(entry.Name);
            entry.Ending?.Dispose();
        }

        entry.FirstFetch.Complete();
        entry.Names.Remove(entry.Name);
    }

    private sealed class Entry(string name, NamedSubscriptions names, FetchTimeout firstFetch)
    {
        private RouteTable? _current;

        public string Name { get; } = name;

        public NamedSubscriptions Names { get; } = names;

        public FetchTimeout FirstFetch { get; } = firstFetch;

        public int Users { get; set; }

        /// <summary>Ends the watch some time after its last user went.</summary>
        public ITimer? Ending { get; set; }

        public RouteTable? Current
        {
            get => Volatile.Read(ref _current);
            set => Volatile.Write(ref _current, value);
        }
    }

    private sealed class Source(RouteDirectory owner, Entry entry) : IRouteSource
    {
        private RouteDirectory? _owner = owner;

        public RouteTable? Current => entry.Current;

        public Task Ready => entry.FirstFetch.Done;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Release(entry);
    }
}
