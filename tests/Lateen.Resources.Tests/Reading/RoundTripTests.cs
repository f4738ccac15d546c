using CsCheck;
using Lateen.Resources.Extensions;
using Lateen.Resources.Networking;
using Lateen.Resources.Observability;
using Lateen.Resources.Reading;
using Lateen.Resources.Security;

namespace Lateen.Resources.Tests.Reading;

public sealed class RoundTripTests
{
    [Fact]
    public void Gateway() => RoundTrips<Gateway>("networking.istio.io/v1");

    [Fact]
    public void VirtualService() => RoundTrips<VirtualService>("networking.istio.io/v1beta1");

    [Fact]
    public void DestinationRule() => RoundTrips<DestinationRule>("networking.istio.io/v1alpha3");

    [Fact]
    public void ServiceEntry() => RoundTrips<ServiceEntry>("networking.istio.io/v1");

    [Fact]
    public void PeerAuthentication() => RoundTrips<PeerAuthentication>("security.istio.io/v1");

    [Fact]
    public void Sidecar() => RoundTrips<Sidecar>("networking.istio.io/v1");

    [Fact]
    public void WorkloadEntry() => RoundTrips<WorkloadEntry>("networking.istio.io/v1");

    [Fact]
    public void WorkloadGroup() => RoundTrips<WorkloadGroup>("networking.istio.io/v1");

    [Fact]
    public void EnvoyFilter() => RoundTrips<EnvoyFilter>("networking.istio.io/v1alpha3");

    [Fact]
    public void ProxyConfig() => RoundTrips<ProxyConfig>("networking.istio.io/v1beta1");

    [Fact]
    public void RequestAuthentication() => RoundTrips<RequestAuthentication>("security.istio.io/v1");

    [Fact]
    public void AuthorizationPolicy() => RoundTrips<AuthorizationPolicy>("security.istio.io/v1beta1");

    [Fact]
    public void Telemetry() => RoundTrips<Telemetry>("telemetry.istio.io/v1");

    [Fact]
    public void WasmPlugin() => RoundTrips<WasmPlugin>("extensions.istio.io/v1alpha1");

    [Fact]
    public void TrafficExtension() => RoundTrips<TrafficExtension>("extensions.istio.io/v1alpha1");

    private static void RoundTrips<T>(string apiVersion)
        where T : IstioResource =>
        ResourceGen.Of<T>(apiVersion).Sample(
            resource =>
            {
                Assert.Equal(resource, Read<T>(ResourceWriter.ToJson(resource)));
                Assert.Equal(resource, Read<T>(ResourceWriter.ToYaml(resource)));
            },
            iter: 150);

    private static T Read<T>(string text)
    {
        ReadResult result = ResourceReader.Read("f.yaml", text);
        Assert.Empty(result.Errors);
        return Assert.IsType<T>(Assert.Single(result.Documents).Resource);
    }
}
