namespace Lateen.Registry.Tests;

public sealed class ProtocolSelectionTests
{
    [Theory]
    [InlineData("TCP", null, "http", 80, Protocol.Http)]
    [InlineData(null, null, "http-web", 80, Protocol.Http)]
    [InlineData("TCP", null, "HTTP2-x", 80, Protocol.Http2)]
    [InlineData("TCP", null, "grpc-web", 80, Protocol.GrpcWeb)]
    [InlineData("TCP", null, "Grpc-Web-x", 80, Protocol.GrpcWeb)]
    [InlineData("TCP", null, "grpc-x", 80, Protocol.Grpc)]
    [InlineData("TCP", null, "httpx", 80, Protocol.Unsupported)]
    [InlineData("TCP", null, null, 8080, Protocol.Unsupported)]
    [InlineData("TCP", null, "db", 3306, Protocol.Tcp)]
    [InlineData("TCP", null, "http", 3306, Protocol.Http)]
    [InlineData("TCP", "kubernetes.io/h2c", "tcp", 80, Protocol.Http2)]
    [InlineData("TCP", "kubernetes.io/ws", "tcp", 80, Protocol.Http)]
    [InlineData("TCP", "kubernetes.io/wss", "tcp", 80, Protocol.Https)]
    [InlineData("TCP", "redis", "http", 80, Protocol.Redis)]
    [InlineData("TCP", "", "http", 80, Protocol.Unsupported)]
    [InlineData("UDP", null, "http", 80, Protocol.Udp)]
    public void Kubernetes_ports(string? transport, string? appProtocol, string? name, int port, Protocol expected) =>
        Assert.Equal(expected, ProtocolSelection.ForKubernetesPort(transport, appProtocol, name, port));

    [Theory]
    [InlineData("HTTP", Protocol.Http)]
    [InlineData("GRPC-WEB", Protocol.GrpcWeb)]
    [InlineData("Mongo", Protocol.Mongo)]
    [InlineData("http-x", Protocol.Unsupported)]
    [InlineData(null, Protocol.Unsupported)]
    public void Names(string? name, Protocol expected) => Assert.Equal(expected, ProtocolSelection.Parse(name));
}
