using Envoy.Service.Discovery.V3;
using Envoy.Service.Secret.V3;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Lateen.Xds.Client;

/// <summary>
/// A client of a control plane: keeps one stream open, asks for what is subscribed to and acknowledges what it gets.
/// Versions and subscriptions outlive streams; what was applied stays in force while disconnected.
/// </summary>
/// <param name="invoker">The channel to the control plane.</param>
/// <param name="options">How the client introduces itself.</param>
/// <param name="handler">Takes in the resources.</param>
/// <param name="time">The clock for back-off.</param>
/// <param name="random">The source of jitter.</param>
/// <param name="logger">Told of connections lost and responses rejected.</param>
public sealed partial class AdsClient(
    CallInvoker invoker, AdsClientOptions options, IResourceHandler handler, TimeProvider time, Random random, ILogger logger)
{
    private readonly SubscriptionTable _subscriptions = new();
    private readonly BackOff _backOff = new(options.BackOffBase, options.BackOffMax, random);
    private volatile bool _connected;
    private volatile string _controlPlane = "";

    /// <summary><c>control_plane.connected_state</c>: whether the control plane answers on the current stream.</summary>
    public bool Connected => _connected;

    /// <summary><c>control_plane.identifier</c>: how the control plane names itself, empty when it does not.</summary>
    public string ControlPlaneIdentifier => _controlPlane;

    /// <summary>
    /// Replaces the names wanted of a type; from any thread, also from within the handler.
    /// No names means everything for LDS and CDS, and nothing (unsubscribe) for every other type.
    /// First requests of a stream go out in the order in which types were first subscribed to.
    /// </summary>
    public void Subscribe(string typeUrl, params IEnumerable<string> names) => _subscriptions.Subscribe(typeUrl, names);

    /// <summary>
    /// Holds back requests of a type, acknowledgements too, until the result is disposed of; they merge into one meanwhile.
    /// (Envoy pauses CDS while clusters warm, and EDS, RDS and SDS while CDS or LDS is applied.)
    /// </summary>
    public IDisposable Pause(string typeUrl) => new Pausing(_subscriptions, typeUrl);

    /// <summary>The statistics of a type's subscription.</summary>
    public SubscriptionStatistics Statistics(string typeUrl) => _subscriptions.Statistics(typeUrl);

    /// <summary>Connects, and reconnects with back-off, until cancelled; then returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await StreamAsync(cancellationToken).ConfigureAwait(false);
            var delay = _backOff.Next();
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var call = Open(cancellationToken);
            var stream = new StateOfTheWorldStream(options, _subscriptions, handler, time, logger);
            await stream.RunAsync(call, OnReceived, cancellationToken).ConfigureAwait(false);
            LogClosed();
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop: how the stream ended does not matter.
        }
        catch (RpcException e)
        {
            LogLost(e.StatusCode, e.Status.Detail);
        }
        catch (Exception e)
        {
            // A sidecar outlives whatever its control plane or transport does to it.
            LogBroken(e);
        }
        finally
        {
            _connected = false;
        }
    }

    private AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> Open(CancellationToken cancellationToken) => options.Method switch
    {
        DiscoveryMethod.Secrets => new SecretDiscoveryService.SecretDiscoveryServiceClient(invoker)
            .StreamSecrets(options.InitialMetadata, cancellationToken: cancellationToken),
        _ => new AggregatedDiscoveryService.AggregatedDiscoveryServiceClient(invoker)
            .StreamAggregatedResources(options.InitialMetadata, cancellationToken: cancellationToken),
    };

    private void OnReceived(DiscoveryResponse response)
    {
        _backOff.Reset();
        if (response.ControlPlane is { Identifier: { } identifier })
            _controlPlane = identifier;
        if (!_connected)
            LogConnected(_controlPlane);
        _connected = true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "connected to control plane {Identifier}")]
    private partial void LogConnected(string identifier);

    [LoggerMessage(Level = LogLevel.Information, Message = "control plane closed the stream")]
    private partial void LogClosed();

    [LoggerMessage(Level = LogLevel.Warning, Message = "stream to control plane lost: {Code}, {Detail}")]
    private partial void LogLost(StatusCode code, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "stream to control plane broke")]
    private partial void LogBroken(Exception exception);

    private sealed class Pausing : IDisposable
    {
        private readonly string _typeUrl;
        private SubscriptionTable? _subscriptions;

        public Pausing(SubscriptionTable subscriptions, string typeUrl)
        {
            _subscriptions = subscriptions;
            _typeUrl = typeUrl;
            subscriptions.Pause(typeUrl, 1);
        }

        public void Dispose() => Interlocked.Exchange(ref _subscriptions, null)?.Pause(_typeUrl, -1);
    }
}
