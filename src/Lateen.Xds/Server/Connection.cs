using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Lateen.Xds.Server;

/// <summary>One client's stream. Works on one thing at a time: a request, or a push; only its own client can hold it up.</summary>
internal sealed partial class Connection<TClient>(
    DiscoveryServer<TClient> server, string id, Node node, TClient client, string? onlyType, ILogger logger)
{
    private readonly PendingPush _pending = new();
    private readonly DateTimeOffset _connectedAt = server.Time.GetUtcNow();
    private volatile ImmutableDictionary<string, WatchedType> _watched = ImmutableDictionary<string, WatchedType>.Empty;

    public ConnectionStatus<TClient> Status => new(id, node, client, _connectedAt, [.. InPushOrder()]);

    public void Push(PushScope scope) => _pending.Add(scope, server.Time.GetTimestamp());

    /// <summary>Serves the stream from its first request, which was read already, until the client ends it.</summary>
    public async Task RunAsync(
        DiscoveryRequest first, IAsyncStreamReader<DiscoveryRequest> requests, IServerStreamWriter<DiscoveryResponse> responses,
        CancellationToken cancellationToken)
    {
        await OnRequestAsync(first, responses, cancellationToken).ConfigureAwait(false);
        var reading = requests.MoveNext(cancellationToken);
        while (true)
        {
            await Task.WhenAny(reading, _pending.Ready).ConfigureAwait(false);
            if (!reading.IsCompleted)
            {
                await OnPushAsync(responses, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (!await reading.ConfigureAwait(false))
                return;
            await OnRequestAsync(requests.Current, responses, cancellationToken).ConfigureAwait(false);
            reading = requests.MoveNext(cancellationToken);
        }
    }

    private async Task OnRequestAsync(DiscoveryRequest request, IServerStreamWriter<DiscoveryResponse> responses, CancellationToken cancellationToken)
    {
        var typeUrl = request.TypeUrl.Length == 0 && onlyType is not null ? onlyType : request.TypeUrl;
        if (onlyType is not null && typeUrl != onlyType)
            throw new RpcException(new(StatusCode.InvalidArgument, $"this service has no resources of type {typeUrl}"));
        request.TypeUrl = typeUrl;
        var decision = RequestRules.Decide(_watched.GetValueOrDefault(typeUrl), request);
        Observe(decision.Kind, request);
        _watched = decision.Watched is null ? _watched.Remove(typeUrl) : _watched.SetItem(typeUrl, decision.Watched);
        if (decision.Kind == RequestKind.Subscribe && typeUrl == TypeUrls.Cluster && _watched.TryGetValue(TypeUrls.Endpoint, out var endpoints))
            _watched = _watched.SetItem(TypeUrls.Endpoint, endpoints with { AlwaysRespond = true });
        if (decision.Answer)
            await SendAsync(server.Current, decision.Watched!, decision.Names, responses, cancellationToken).ConfigureAwait(false);
    }

    private void Observe(RequestKind kind, DiscoveryRequest request)
    {
        var type = TypeUrls.ShortName(request.TypeUrl);
        if (kind == RequestKind.Nack)
        {
            server.Metrics.Rejected(request.TypeUrl, node.Id, ((StatusCode)request.ErrorDetail.Code).ToString());
            LogNack(type, id, request.ErrorDetail.Message);
        }
        else if (kind == RequestKind.Stale)
        {
            server.Metrics.ExpiredNonce(request.TypeUrl);
            LogStale(type, id, request.ResponseNonce);
        }
        else if (kind == RequestKind.Subscribe)
        {
            LogSubscribed(type, id, request.ResourceNames.Count);
        }
    }

    private async Task OnPushAsync(IServerStreamWriter<DiscoveryResponse> responses, CancellationToken cancellationToken)
    {
        var (scope, since) = _pending.Take();
        server.Metrics.Dequeued(server.Time.GetElapsedTime(since));
        var configuration = server.Current;
        foreach (var watched in InPushOrder())
        {
            if (!scope.Includes(watched.TypeUrl, out var changed))
                continue;
            var names = changed is null || watched.Names.IsEmpty ? null : watched.Names.Intersect(changed);
            if (names is not { IsEmpty: true })
                await SendAsync(configuration, watched, names, responses, cancellationToken).ConfigureAwait(false);
        }

        server.Metrics.Converged(server.Time.GetElapsedTime(since));
    }

    /// <param name="configuration">What to send from.</param>
    /// <param name="watched">What the client watches.</param>
    /// <param name="only">The watched names to send; null for all of them.</param>
    /// <param name="responses">Where to send to.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    private async Task SendAsync(
        Configuration<TClient> configuration, WatchedType watched, ImmutableHashSet<string>? only,
        IServerStreamWriter<DiscoveryResponse> responses, CancellationToken cancellationToken)
    {
        var started = server.Time.GetTimestamp();
        var names = only ?? (watched.Names.IsEmpty ? null : watched.Names);
        if (await GenerateAsync(configuration, new(watched.TypeUrl, names), cancellationToken).ConfigureAwait(false) is not { } resources)
            return;
        var response = new DiscoveryResponse
        {
            TypeUrl = watched.TypeUrl,
            VersionInfo = configuration.Version,
            Nonce = configuration.Version + Guid.NewGuid(),
            ControlPlane = server.ControlPlane,
            Resources = { resources },
        };
        _watched = _watched.SetItem(watched.TypeUrl, watched with
        {
            NonceSent = response.Nonce,
            VersionSent = response.VersionInfo,
            SentAt = server.Time.GetUtcNow(),
            Error = null,
        });
        var generated = server.Time.GetTimestamp();
        try
        {
            await responses.WriteAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            server.Metrics.SendFailed(watched.TypeUrl);
            throw;
        }

        server.Metrics.Pushed(
            watched.TypeUrl, server.Time.GetElapsedTime(started, generated), server.Time.GetElapsedTime(generated), response.CalculateSize());
        LogSent(TypeUrls.ShortName(watched.TypeUrl), id, resources.Count, response.VersionInfo);
    }

    private async Task<IReadOnlyList<Any>?> GenerateAsync(
        Configuration<TClient> configuration, ResourceQuery query, CancellationToken cancellationToken)
    {
        await server.Generating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return configuration.Generator.Generate(client, query);
        }
        catch (Exception e)
        {
            // One client's configuration that cannot be made leaves that client with what it has, and nobody else is concerned.
            server.Metrics.InternalError();
            LogGenerateFailed(e, TypeUrls.ShortName(query.TypeUrl), id);
            return null;
        }
        finally
        {
            server.Generating.Release();
        }
    }

    private IEnumerable<WatchedType> InPushOrder()
    {
        var watched = _watched;
        foreach (var typeUrl in TypeUrls.PushOrder)
        {
            if (watched.TryGetValue(typeUrl, out var type))
                yield return type;
        }

        foreach (var (typeUrl, type) in watched.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!TypeUrls.PushOrder.Contains(typeUrl))
                yield return type;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type}: NACK from {Connection}: {Error}")]
    private partial void LogNack(string type, string connection, string error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type}: expired nonce {Nonce} from {Connection}")]
    private partial void LogStale(string type, string connection, string nonce);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type}: {Connection} subscribes to {Count} names")]
    private partial void LogSubscribed(string type, string connection, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Type}: PUSH for node {Connection} resources:{Count} version:{Version}")]
    private partial void LogSent(string type, string connection, int count, string version);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Type} for {Connection} could not be generated")]
    private partial void LogGenerateFailed(Exception exception, string type, string connection);
}
