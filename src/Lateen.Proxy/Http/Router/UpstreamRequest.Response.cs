using System.Runtime.CompilerServices;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Http.Router;

/// <summary>The response's way from the attempt to the client.</summary>
internal sealed partial class UpstreamRequest
{
    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask DeliverAsync(ClientStream stream, ResponseHead head)
    {
        _responseStarted = true;
        _exchange.ResponseCodeDetails = "via_upstream";
        FinishHead(head);
        var end = stream.ResponseHasNoBody && !IsTunnel(head);
        if (end)
        {
            Received();
        }
        else if (IsTunnel(head))
        {
            // The route's timeout ran until here; a tunnel lasts as long as it likes.
            _total?.Stop();
        }

        await _server.SendHeadAsync(head, end);
        if (!end)
        {
            await RelayBodyAsync(stream);
        }
    }

    private bool IsTunnel(ResponseHead head) =>
        _exchange.IsUpgrade && (head.Status == 101 || head.Status is >= 200 and < 300 && _exchange.Request.Method.SequenceEqual("CONNECT"u8));

    private void FinishHead(ResponseHead head)
    {
        var headers = head.Headers;
        if (!_router.Options.SuppressEnvoyHeaders)
        {
            // Envoy: no service time when the response came before the request was complete.
            if (_exchange.Times.RequestEnd > 0)
            {
                headers.Set(HeaderNames.EnvoyUpstreamServiceTime, (long)SinceComplete().TotalMilliseconds);
            }
        }

        if (_route.VirtualHost.IncludeAttemptCountInResponse)
        {
            headers.Set(HeaderNames.EnvoyAttemptCount, _exchange.UpstreamAttempts);
        }

        if (_affinityCookie is { } cookie)
        {
            headers.Add(HeaderNames.SetCookie, cookie);
        }

        _route.FinalizeResponseHeaders(_exchange, head);
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask RelayBodyAsync(ClientStream stream)
    {
        while (true)
        {
            BodyChunk chunk;
            try
            {
                chunk = await stream.ReadBodyAsync();
            }
            catch (StreamResetException e)
            {
                BrokeOff(e);
                return;
            }

            StartPerTryIdle();
            var trailers = chunk.End ? stream.ResponseTrailers : null;
            if (chunk.End)
            {
                Received();
            }

            await _server.SendBodyAsync(chunk.Data, chunk.End && trailers is null);
            if (trailers is not null)
            {
                await _server.SendTrailersAsync(trailers);
            }

            if (chunk.End)
            {
                return;
            }
        }
    }

    private void Received()
    {
        _responseComplete = true;
        StopTimers();
        _exchange.Times.UpstreamLastReceived = _exchange.Loop.Time.GetTimestamp();
        _cluster.Stats.UpstreamRqTime.Record(_exchange.Loop.Time.GetElapsedTime(_attemptStart).TotalMilliseconds);
    }

    // The response ended in its middle; the client can only be told by a reset.
    private void BrokeOff(StreamResetException error)
    {
        if (_exchange.IsAborted)
        {
            return;
        }

        _router.Stats.ResetAfterResponseStarted.Increment();
        if (_totalTimedOut || _perTryIdle || _livedTooLong)
        {
            var reply = _totalTimedOut ? UpstreamFailures.RequestTimeout
                : _perTryIdle ? UpstreamFailures.PerTryIdleTimeout
                : UpstreamFailures.MaxStreamDuration(_server.IsRequestComplete);
            _exchange.Flags |= reply.Flags;
            _exchange.ResponseCodeDetails = reply.Details;
        }
        else
        {
            _cluster.Stats.UpstreamRqRxReset.Increment();
            _cluster.Outliers?.Report(_host!, Clusters.LocalOriginEvent.ConnectFailed);
            _exchange.Flags |= UpstreamFailures.Flag(error.Reason);
            _exchange.ResponseCodeDetails = UpstreamFailures.AfterResponse(error.Reason, "");
        }

        _server.Stream.Reset(StreamResetReason.LocalReset);
    }
}
