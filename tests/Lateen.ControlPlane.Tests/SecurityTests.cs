using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Grpc.Core;
using Lateen.ControlPlane.Api;
using Lateen.Xds;
using Lateen.Xds.Istio.Citadel;

namespace Lateen.ControlPlane.Tests;

public sealed class SecurityTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("default", "default", "bookinfo-reviews", "PermissionDenied")]
    [InlineData("other", "default", "bookinfo-reviews", "PermissionDenied")]
    [InlineData("bookinfo-reviews", "elsewhere", "bookinfo-reviews", "PermissionDenied")]
    public async Task A_node_that_is_not_the_tokens_is_refused(string tokenAccount, string nodeNamespace, string nodeAccount, string status)
    {
        await using var mesh = await Mesh.StartAsync();
        using var stream = XdsStream.Aggregated(mesh, mesh.Token(tokenAccount), Mesh.Node(@namespace: nodeNamespace, serviceAccount: nodeAccount));
        await stream.SubscribeAsync(TypeUrls.Cluster);
        Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(() => stream.ReceiveAsync())).StatusCode.ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_a_valid_token_nothing_is_served()
    {
        await using var mesh = await Mesh.StartAsync();
        Metadata[] tokens = [[], new() { { "authorization", "Bearer nonsense" } }, new() { { "authorization", "Basic eDp5" } }];
        foreach (var token in tokens)
        {
            using var stream = XdsStream.Secrets(mesh, token);
            await stream.SubscribeAsync(TypeUrls.Secret, "default");
            Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => stream.ReceiveAsync())).StatusCode);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Secrets_are_the_callers_own_and_rotation_pushes_new_ones()
    {
        await using var mesh = await Mesh.StartAsync();
        using var stream = XdsStream.Secrets(mesh, mesh.Token("bookinfo-reviews"));
        await stream.SubscribeAsync(TypeUrls.Secret, "default", "ROOTCA");
        var secrets = (await stream.ReceiveAsync()).Of<Secret>().ToDictionary(secret => secret.Name);
        using var first = X509Certificate2.CreateFromPem(secrets["default"].TlsCertificate.CertificateChain.InlineBytes.ToStringUtf8());
        Assert.Contains("BEGIN CERTIFICATE", secrets["ROOTCA"].ValidationContext.TrustedCa.InlineBytes.ToStringUtf8(), StringComparison.Ordinal);

        using var unauthenticated = await mesh.Http.PostAsync(new Uri("/debug/rotate", UriKind.Relative), null, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, unauthenticated.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/debug/rotate")
        {
            Headers = { Authorization = new("Bearer", StatusFile.Read(mesh.StateFolder)!.AdminToken) },
        };
        using var rotated = await mesh.Http.SendAsync(request, Cancel);
        var result = JsonSerializer.Deserialize(await rotated.Content.ReadAsStringAsync(Cancel), ApiJson.Default.RotationResult)!;
        var pushed = (await stream.ReceiveAsync()).Of<Secret>().Single();
        using var second = X509Certificate2.CreateFromPem(pushed.TlsCertificate.CertificateChain.InlineBytes.ToStringUtf8());

        Assert.Equal(["spiffe://cluster.local/ns/default/sa/bookinfo-reviews"], result.Renewed);
        Assert.Equal("default", pushed.Name);
        Assert.NotEqual(first.SerialNumber, second.SerialNumber);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_signing_request_is_signed_for_the_callers_identity()
    {
        await using var mesh = await Mesh.StartAsync();
        using var channel = mesh.Channel();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new IstioCertificateRequest { Csr = new CertificateRequest("", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(), ValidityDuration = 3600 };
        var client = new IstioCertificateService.IstioCertificateServiceClient(channel);
        var response = await client.CreateCertificateAsync(request, mesh.Token("bookinfo-reviews"), cancellationToken: Cancel);
        using var leaf = X509Certificate2.CreateFromPem(response.CertChain[0]);

        Assert.Equal(2, response.CertChain.Count);
        Assert.Contains("ns/default/sa/bookinfo-reviews", System.Text.Encoding.ASCII.GetString(leaf.Extensions.Single(e => e.Oid!.Value == "2.5.29.17").RawData), StringComparison.Ordinal);
        Assert.InRange(leaf.NotAfter.ToUniversalTime(), DateTime.UtcNow.AddMinutes(58), DateTime.UtcNow.AddMinutes(61));
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.CreateCertificateAsync(request, cancellationToken: Cancel).ResponseAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        request.Csr = "nonsense";
        refused = await Assert.ThrowsAsync<RpcException>(() => client.CreateCertificateAsync(request, mesh.Token("bookinfo-reviews"), cancellationToken: Cancel).ResponseAsync);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_gateways_credential_is_served_in_its_namespace_only_and_pushed_when_it_changes()
    {
        await using var mesh = await Mesh.StartAsync(("credential.yaml", Credential("first")));
        using var stream = XdsStream.Aggregated(mesh, mesh.Token("gateway", "istio-system"), Gateway());
        await stream.SubscribeAsync(TypeUrls.Secret, "kubernetes://cert", "kubernetes://cert-cacert", "kubernetes://default/cert", "kubernetes://none");
        var secrets = (await stream.ReceiveAsync()).Of<Secret>().ToDictionary(secret => secret.Name);

        Assert.Equal(["kubernetes://cert", "kubernetes://cert-cacert"], secrets.Keys.Order());
        Assert.Equal("first", secrets["kubernetes://cert"].TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());
        Assert.Equal("roots", secrets["kubernetes://cert-cacert"].ValidationContext.TrustedCa.InlineBytes.ToStringUtf8());

        mesh.Write("credential.yaml", Credential("second"));
        var pushed = (await stream.ReceiveAsync()).Of<Secret>().ToDictionary(secret => secret.Name);
        Assert.Equal("second", pushed["kubernetes://cert"].TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());

        using var other = XdsStream.Aggregated(mesh, mesh.Token("bookinfo-reviews"));
        await other.SubscribeAsync(TypeUrls.Secret, "kubernetes://cert", "kubernetes://istio-system/cert");
        Assert.Empty((await other.ReceiveAsync()).Resources);
    }

    private static Envoy.Config.Core.V3.Node Gateway()
    {
        var node = Mesh.Node("istio-ingressgateway-1", "istio-system", "gateway");
        node.Id = node.Id.Replace("sidecar~", "router~", StringComparison.Ordinal);
        return node;
    }

    private static string Credential(string key) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: cert, namespace: istio-system}
        type: kubernetes.io/tls
        stringData: {tls.crt: chain, tls.key: {{key}}, ca.crt: roots}
        """;
}
