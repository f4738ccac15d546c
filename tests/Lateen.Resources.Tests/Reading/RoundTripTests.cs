using CsCheck;
using Lateen.Resources.Networking;
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

    private static void RoundTrips<T>(string apiVersion)
        where T : IstioResource =>
        ResourceGen.Of<T>(apiVersion).Sample(
            resource =>
            {
                Assert.Equal(resource, Read<T>(ResourceWriter.ToJson(resource)));
                Assert.Equal(resource, Read<T>(ResourceWriter.ToYaml(resource)));
            },
            iter: 300);

    private static T Read<T>(string text)
    {
        ReadResult result = ResourceReader.Read("f.yaml", text);
        Assert.Empty(result.Errors);
        return Assert.IsType<T>(Assert.Single(result.Documents).Resource);
    }
}
