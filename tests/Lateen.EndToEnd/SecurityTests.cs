using System.Net.Sockets;
using System.Text;
using Lateen.EndToEnd.Support;

namespace Lateen.EndToEnd;

/// <summary>Who gets in: PeerAuthentication modes and identities.</summary>
public sealed class SecurityTests
{
    [Fact]
    public async Task Strict_refuses_plain_http_and_permissive_serves_it()
    {
        await using var mesh = await Mesh.StartAsync();
        Assert.Null(await PlainAsync(mesh));
        mesh.Edit("security.yaml", "mode: STRICT", "mode: PERMISSIVE");
        await Until.TrueAsync("plain HTTP is served", TimeSpan.FromSeconds(10), async () => await PlainAsync(mesh) == "HTTP/1.1 200 OK");
        (await mesh.GetAsync("/productpage")).EnsureSuccessStatusCode();
        mesh.Edit("security.yaml", "mode: PERMISSIVE", "mode: STRICT");
        await Until.TrueAsync("plain HTTP is refused again", TimeSpan.FromSeconds(10), async () => await PlainAsync(mesh) is null);
        (await mesh.GetAsync("/productpage")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task The_certificate_shown_carries_the_spiffe_identity_and_a_foreign_one_is_refused()
    {
        await using var mesh = await Mesh.StartAsync();
        using var shown = await Tls.CertificateAsync(mesh, "reviews-v1");
        Assert.Equal(["spiffe://cluster.local/ns/default/sa/bookinfo-reviews"], Tls.UriSans(shown));
        Assert.InRange(shown.NotAfter - shown.NotBefore, TimeSpan.FromHours(23), TimeSpan.FromHours(25));

        using var foreign = Tls.ForeignCertificate("spiffe://cluster.local/ns/default/sa/bookinfo-productpage");
        Assert.Null(await Tls.RequestAsync(mesh, "reviews-v1", foreign));
        Assert.Null(await Tls.RequestAsync(mesh, "reviews-v1", null));
    }

    [Fact]
    public async Task The_gateway_serves_https_with_the_certificate_of_a_secret()
    {
        using var certificate = Tls.ServerCertificate("bookinfo.example.com", out var chain, out var key);
        await using var mesh = await Mesh.StartAsync(edit: folder => File.WriteAllText(Path.Combine(folder, "https.yaml"), $$"""
            apiVersion: v1
            kind: Secret
            metadata:
              name: bookinfo-certificate
              namespace: istio-system
            type: kubernetes.io/tls
            stringData:
              tls.crt: |
            {{Indented(chain)}}
              tls.key: |
            {{Indented(key)}}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata:
              name: bookinfo-https
            spec:
              selector:
                istio: ingressgateway
              servers:
                - port:
                    number: 443
                    name: https
                    protocol: HTTPS
                  tls:
                    mode: SIMPLE
                    credentialName: bookinfo-certificate
                  hosts:
                    - bookinfo.example.com
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: bookinfo-https
            spec:
              hosts:
                - bookinfo.example.com
              gateways:
                - bookinfo-https
              http:
                - route:
                    - destination:
                        host: productpage
                        port:
                          number: 9080
            """));
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("127.0.0.1", mesh.HttpsPort, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == certificate.GetCertHashString() },
        });
        await Until.TrueAsync(
            "the page is served over HTTPS",
            TimeSpan.FromSeconds(20),
            async () => (await http.GetAsync("https://bookinfo.example.com/productpage")).IsSuccessStatusCode,
            () => mesh.Log);
    }

    [Fact]
    public async Task Keys_are_readable_by_their_owner_only()
    {
        await using var mesh = await Mesh.StartAsync();
        var open = Directory.EnumerateFiles(mesh.State, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".pem", StringComparison.Ordinal) || f.EndsWith(".key", StringComparison.Ordinal))
            .Where(f => (File.GetUnixFileMode(f) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0);
        Assert.Empty(open);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(mesh.State));
    }

    private static string Indented(string pem) => string.Join('\n', pem.Trim().Split('\n').Select(line => "    " + line));

    private static async Task<string?> PlainAsync(Mesh mesh)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(mesh.Of("reviews-v1")[0].Address, 9080);
        var stream = socket.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /health HTTP/1.1\r\nhost: reviews:9080\r\nconnection: close\r\n\r\n"));
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
