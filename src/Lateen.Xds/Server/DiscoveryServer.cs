using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Lateen.Xds.Server;

/// <summary>One stream as it stands.</summary>
/// <param name="Id">The node's id and the stream's number.</param>
/// <param name="Node">How the client introduced itself.</param>
/// <param name="Client">What the server's user knows about the client.</param>
/// <param name="ConnectedAt">When its first request came.</param>
/// <param name="Types">What it watches, in push order.</param>
public sealed record ConnectionStatus<TClient>(
    string Id, Node Node, TClient Client, DateTimeOffset ConnectedAt, ImmutableArray<WatchedType> Types);

/// <summary>What is served: a generator and the version of what it makes.</summary>
internal sealed record Configuration<TClient>(IResourceGenerator<TClient> Generator, string Version);

/// <summary>
/// The core of an xDS server: keeps the clients' streams, answers their requests and pushes what is published.
/// What the resources are is the generator's business, who may connect the admission's.
/// </summary>
/// <typeparam name="TClient">What the server's user knows about a client.</typeparam>
public sealed partial class DiscoveryServer<TClient> : IDisposable
{
    private readonly IClientAdmission<TClient> _admission;
    private readonly ILogger _logger;
    private readonly Lock _publishing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<long, Connection<TClient>> _connections = new();
    private volatile Configuration<TClient>? _current;
    private long _connectionCount;
    private long _versionCount;

    /// <param name="identifier">How the server names itself to clients.</param>
    /// <param name="admission">Who may connect.</param>
    /// <param name="meter">Takes the server's measurements.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of connections, pushes and rejections.</param>
    public DiscoveryServer(string identifier, IClientAdmission<TClient> admission, Meter meter, TimeProvider time, ILogger logger)
    {
        ControlPlane = new() { Identifier = identifier };
        _admission = admission;
        _logger = logger;
        Time = time;
        Metrics = new(meter);
        // istiod: PILOT_PUSH_THROTTLE.
        var throttle = Math.Min(15 + (5 * Environment.ProcessorCount), 100);
        Generating = new(throttle);
    }

    /// <summary>The open streams.</summary>
    public IReadOnlyList<ConnectionStatus<TClient>> Connections =>
        [.. _connections.OrderBy(entry => entry.Key).Select(entry => entry.Value.Status)];

    /// <summary>The version of what is served now; null before the first <see cref="Publish"/>.</summary>
    public string? Version => _current?.Version;

    internal ControlPlane ControlPlane { get; }

    internal TimeProvider Time { get; }

    internal XdsMetrics Metrics { get; }

    /// <summary>Bounds how many clients' resources are generated at a time.</summary>
    internal SemaphoreSlim Generating { get; }

    internal Configuration<TClient> Current =>
        _current ?? throw new RpcException(new(StatusCode.Unavailable, "the control plane has not read its configuration yet"));

    /// <summary>Serves from a new generator, and pushes to each stream what <paramref name="scopeOf"/> says changed for it.</summary>
    public void Publish(IResourceGenerator<TClient> generator, Func<ConnectionStatus<TClient>, PushScope> scopeOf)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(scopeOf);
        lock (_publishing)
        {
            // istiod: "<RFC 3339 time>/<count of pushes>".
            var now = Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            _current = new(generator, $"{now}/{++_versionCount}");
            foreach (var connection in _connections.Values)
                connection.Push(scopeOf(connection.Status));
        }
    }

    /// <summary>Pushes again from the generator in use, as a new version, because what it reads outside of itself changed.</summary>
    public void Push(Func<ConnectionStatus<TClient>, PushScope> scopeOf)
    {
        if (_current is { } current)
            Publish(current.Generator, scopeOf);
    }

    /// <summary>Serves one stream until its client ends it, it breaks, or the server stops.</summary>
    /// <param name="requests">What the client sends.</param>
    /// <param name="responses">What the client receives.</param>
    /// <param name="context">The call.</param>
    /// <param name="onlyType">The only type the stream's service serves; null for all.</param>
    /// <exception cref="RpcException">The client is not admitted, the server is not ready, or it stops.</exception>
    public async Task StreamAsync(
        IAsyncStreamReader<DiscoveryRequest> requests, IServerStreamWriter<DiscoveryResponse> responses, ServerCallContext context,
        string? onlyType = null)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _stopping.Token);
        try
        {
            _ = Current;
            if (await FirstAsync(requests, ended.Token).ConfigureAwait(false) is not { } first)
                return;
            var client = await _admission.AdmitAsync(first.Node, context).ConfigureAwait(false);
            await ServeAsync(client, first, requests, responses, onlyType, ended.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not RpcException && ended.IsCancellationRequested)
        {
            if (_stopping.IsCancellationRequested)
                throw new RpcException(new(StatusCode.Unavailable, "the control plane is stopping"));
        }
    }

    /// <summary>Ends all streams; new ones are refused.</summary>
    public void Stop() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        Generating.Dispose();
    }

    private async Task ServeAsync(
        TClient client, DiscoveryRequest first, IAsyncStreamReader<DiscoveryRequest> requests, IServerStreamWriter<DiscoveryResponse> responses,
        string? onlyType, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _connectionCount);
        var id = string.Create(CultureInfo.InvariantCulture, $"{first.Node.Id}-{number}");
        var connection = new Connection<TClient>(this, id, first.Node, client, onlyType, _logger);
        _connections[number] = connection;
        LogConnected(id);
        try
        {
            await connection.RunAsync(first, requests, responses, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(number, out _);
            LogDisconnected(id);
        }
    }

    /// <summary>The first request that says who the client is; health probes before it are passed over. Null when the stream ends before.</summary>
    private static async Task<DiscoveryRequest?> FirstAsync(IAsyncStreamReader<DiscoveryRequest> requests, CancellationToken cancellationToken)
    {
        const string HealthInformation = "type.googleapis.com/istio.v1.HealthInformation";
        while (await requests.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            if (requests.Current.TypeUrl == HealthInformation)
                continue;
            if (requests.Current.Node is not { Id.Length: > 0 })
                throw new RpcException(new(StatusCode.InvalidArgument, "missing node information"));
            return requests.Current;
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "ADS: new connection for node:{Connection}")]
    private partial void LogConnected(string connection);

    [LoggerMessage(Level = LogLevel.Information, Message = "ADS: {Connection} terminated")]
    private partial void LogDisconnected(string connection);
}
