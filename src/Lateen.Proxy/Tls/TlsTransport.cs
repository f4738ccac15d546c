using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lateen.Proxy.Loops;

namespace Lateen.Proxy.Tls;

/// <summary>TLS over another transport. The handshake is done before anybody gets one.</summary>
internal sealed class TlsTransport : Transport
{
    private readonly Transport _inner;
    private readonly VerifyingSslStream _ssl;
    private bool _sending;
    private bool _shutDown;
    private bool _closed;

    private TlsTransport(Transport inner, VerifyingSslStream ssl)
    {
        _inner = inner;
        _ssl = ssl;
        inner.PeerClosedState = this;
        inner.PeerClosedCallback = static self =>
        {
            var transport = (TlsTransport)self!;
            transport.PeerClosedCallback?.Invoke(transport.PeerClosedState);
        };
    }

    public override IEventLoop Loop => _inner.Loop;

    public override ConnectionInfo Info => _inner.Info;

    public override bool PeerClosed => _inner.PeerClosed;

    /// <summary>
    /// Makes a handshake over <paramref name="inner"/>, which is closed when it fails.
    /// </summary>
    /// <exception cref="TransportException">It failed; the message is Envoy's transport failure reason.</exception>
    public static async ValueTask<Transport> HandshakeAsync(
        Transport inner, VerifyingSslStream ssl, Func<VerifyingSslStream, Task> authenticate, TimeSpan? timeout, TlsStats? stats, LoadedCertificate? local)
    {
        var timedOut = false;
        var timer = inner.Loop.CreateTimer(
            _ =>
            {
                timedOut = true;
                inner.Close();
            },
            null);
        if (timeout is { } time && time > TimeSpan.Zero)
        {
            timer.Start(time);
        }

        try
        {
            await authenticate(ssl);
            inner.Info.Tls = Describe(ssl, local);
            stats?.OnHandshake(inner.Info.Tls);
            return new TlsTransport(inner, ssl);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or InvalidOperationException or CryptographicException)
        {
            stats?.OnFailure(ssl.Failure);
            inner.Close();
            ssl.Dispose();
            throw timedOut
                ? new TransportException("connection timeout", e) { IsTimeout = true }
                : new TransportException(ssl.Failure == VerifyFailure.None ? Reason(e) : ssl.FailureText, e);
        }
        finally
        {
            timer.Stop();
        }
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (_closed)
        {
            return ValueTask.FromException<int>(new TransportException("The connection is closed."));
        }

        var read = _ssl.ReadAsync(buffer);
        return read.IsCompletedSuccessfully ? read : FinishReceiveAsync(read);
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        if (_closed)
        {
            return ValueTask.FromException(new TransportException("The connection is closed."));
        }

        var write = _ssl.WriteAsync(data);
        return write.IsCompletedSuccessfully ? default : FinishSendAsync(write);
    }

    public override async ValueTask ShutdownAsync()
    {
        if (_closed || _shutDown)
        {
            return;
        }

        _shutDown = true;
        try
        {
            await _ssl.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new TransportException(Reason(e), e);
        }

        await _inner.ShutdownAsync();
    }

    public override void Close(bool reset = false)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        if (!reset && !_shutDown && !_sending && !_inner.PeerClosed)
        {
            _ = SayGoodbyeAsync();
        }

        _inner.Close(reset);
        _ssl.Dispose();
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder<>))]
    private static async ValueTask<int> FinishReceiveAsync(ValueTask<int> read)
    {
        try
        {
            return await read;
        }
        catch (Exception e) when (e is not TransportException && e is IOException or AuthenticationException or InvalidOperationException)
        {
            throw new TransportException(Reason(e), e);
        }
    }

    [AsyncMethodBuilder(typeof(LoopAsyncMethodBuilder))]
    private async ValueTask FinishSendAsync(ValueTask write)
    {
        _sending = true;
        try
        {
            await write;
        }
        catch (Exception e) when (e is not TransportException && e is IOException or AuthenticationException or InvalidOperationException)
        {
            throw new TransportException(Reason(e), e);
        }
        finally
        {
            _sending = false;
        }
    }

    // close_notify is a few bytes: either the socket takes them at once, or nobody will miss them.
    private async Task SayGoodbyeAsync()
    {
        try
        {
            await _ssl.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            _shutDown = true;
        }
    }

    // OpenSSL's text lies in the innermost error.
    private static string Reason(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e is TransportException ? e.Message : $"TLS_error:|{e.Message}:TLS_error_end";
    }

    private static TlsInfo Describe(SslStream ssl, LoadedCertificate? local)
    {
        var peer = ssl.RemoteCertificate as X509Certificate2;
        var names = peer is null ? SubjectAltNames.None : SubjectAltNames.Of(peer);
        return new TlsInfo
        {
            ApplicationProtocol = ssl.NegotiatedApplicationProtocol.Protocol.IsEmpty ? "" : ssl.NegotiatedApplicationProtocol.ToString(),
            Version = TlsParameterCompiler.NameOf(ssl.SslProtocol),
            CipherSuite = TlsParameterCompiler.NameOf(ssl.NegotiatedCipherSuite),
            PeerUriSans = names.Uris,
            PeerDnsSans = names.Dns,
            PeerSubject = peer is null ? "" : DistinguishedName.Format(peer.SubjectName),
            PeerCertificateHash = peer is null ? "" : Convert.ToHexStringLower(SHA256.HashData(peer.RawDataMemory.Span)),
            PeerCertificatePresented = peer is not null,
            LocalUriSans = local?.Names.Uris ?? [],
        };
    }
}
