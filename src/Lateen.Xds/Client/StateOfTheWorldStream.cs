using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Lateen.Xds.Client;

/// <summary>The state-of-the-world protocol on one stream: sends what the subscriptions want, hands over what arrives.</summary>
internal sealed partial class StateOfTheWorldStream(
    AdsClientOptions options, SubscriptionTable subscriptions, IResourceHandler handler, TimeProvider time, ILogger logger)
{
    private const int MaxErrorLength = 4096;

    private bool _nodeSent;

    /// <summary>Runs until the stream ends (returns) or breaks (throws).</summary>
    /// <param name="call">The open stream.</param>
    /// <param name="received">Called for each response before it is handled.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task RunAsync(
        AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> call, Action<DiscoveryResponse> received, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        subscriptions.StartStream();
        var sending = SendAsync(call.RequestStream, ended);
        try
        {
            while (await call.ResponseStream.MoveNext(ended.Token).ConfigureAwait(false))
            {
                received(call.ResponseStream.Current);
                await TakeInAsync(call.ResponseStream.Current, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            subscriptions.EndStream();
        }
    }

    private async Task SendAsync(IClientStreamWriter<DiscoveryRequest> requests, CancellationTokenSource ended)
    {
        try
        {
            while (true)
            {
                var pending = await subscriptions.TakeDueAsync(ended.Token).ConfigureAwait(false);
                await requests.WriteAsync(Encode(pending), ended.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The stream is gone. Reading ends with its status, or by this cancellation.
            LogSendFailed(e.Message);
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private DiscoveryRequest Encode(PendingRequest pending)
    {
        var request = new DiscoveryRequest
        {
            TypeUrl = pending.TypeUrl,
            VersionInfo = pending.Version,
            ResponseNonce = pending.Nonce,
            ResourceNames = { pending.Names },
        };
        if (pending.Rejection is { } error)
            request.ErrorDetail = new Google.Rpc.Status { Code = (int)StatusCode.Internal, Message = Cut(error) };
        if (!_nodeSent || !options.SetNodeOnFirstMessageOnly)
            request.Node = options.Node;
        _nodeSent = true;
        return request;
    }

    private async Task TakeInAsync(DiscoveryResponse response, CancellationToken cancellationToken)
    {
        if (!subscriptions.IsKnown(response.TypeUrl))
        {
            LogUnknownType(response.TypeUrl);
            return;
        }

        subscriptions.Hold(true);
        try
        {
            var error = await ApplyAsync(response, cancellationToken).ConfigureAwait(false);
            if (error is null)
            {
                subscriptions.Accept(response.TypeUrl, response.VersionInfo, response.Nonce, time.GetUtcNow());
                return;
            }

            LogRejected(TypeUrls.ShortName(response.TypeUrl), response.VersionInfo, error);
            subscriptions.Reject(response.TypeUrl, response.Nonce, error);
        }
        finally
        {
            subscriptions.Hold(false);
        }
    }

    private async Task<string?> ApplyAsync(DiscoveryResponse response, CancellationToken cancellationToken)
    {
        try
        {
            if (response.Resources.Count > 0 && !subscriptions.IsWanted(response.TypeUrl))
                return $"nothing of type {response.TypeUrl} is subscribed to";
            var resources = new List<Any>(response.Resources.Count);
            foreach (var any in response.Resources)
            {
                var resource = any.TypeUrl == TypeUrls.Resource ? Resource.Parser.ParseFrom(any.Value).Resource_ ?? new Any() : any;
                if (resource.TypeUrl != response.TypeUrl)
                    return $"type URL {resource.TypeUrl} embedded in an individual Any does not match "
                        + $"the message-wide type URL {response.TypeUrl} in DiscoveryResponse";
                resources.Add(resource);
            }

            return await handler.HandleAsync(new(response.TypeUrl, response.VersionInfo, resources), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever is wrong with a response, it is refused and the stream goes on.
            LogHandlerFailed(e, TypeUrls.ShortName(response.TypeUrl));
            return e.Message;
        }
    }

    private static string Cut(string error) =>
        error.Length <= MaxErrorLength ? error : string.Concat(error.AsSpan(0, MaxErrorLength), "...(truncated)");

    [LoggerMessage(Level = LogLevel.Debug, Message = "xDS request could not be sent: {Reason}")]
    private partial void LogSendFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ignoring an xDS response of a type not subscribed to: {TypeUrl}")]
    private partial void LogUnknownType(string typeUrl);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} version {Version} rejected: {Error}")]
    private partial void LogRejected(string type, string version, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Type} response could not be applied")]
    private partial void LogHandlerFailed(Exception exception, string type);
}
