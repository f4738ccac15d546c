using System.Text;
using Lateen.Proxy.Tests.Support;

namespace Lateen.Proxy.Tests.Http;

public sealed class AllocationTests(ITestOutputHelper output)
{
    // Without optimisation the compiler makes every async state machine an object.
#if DEBUG
    private const int Most = 4096;
#else
    private const int Most = 8;
#endif

    private readonly byte[] _request = Encoding.ASCII.GetBytes(
        "GET /path?q=1 HTTP/1.1\r\nHost: a.test\r\nuser-agent: test\r\naccept: */*\r\nx-forwarded-for: 10.3.3.3\r\n\r\n");

    private readonly byte[] _response = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello");
    private readonly byte[] _sink = new byte[64 * 1024];

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void Kept_alive_requests_allocate_next_to_nothing(int connections)
    {
        using var proxy = new HttpProxy();
        proxy.Log.Silent = true;
        proxy.AddCluster();
        var clients = Enumerable.Range(0, connections).Select(_ => proxy.Connect()).ToArray();
        Exchange(proxy, clients, 2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        const int requests = 10_000;
        Exchange(proxy, clients, requests);
        var perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)requests;
        output.WriteLine($"{perRequest:F1} bytes per request");
        Assert.True(perRequest < Most, $"{perRequest:F1} bytes per request");
    }

    // All clients at once: as many requests are under way.
    private void Exchange(HttpProxy proxy, PipeTransport[] clients, int count)
    {
        for (var done = 0; done < count; done += clients.Length)
        {
            foreach (var client in clients)
            {
                proxy.Loop.Run(client.SendAsync(_request));
            }

            foreach (var upstream in proxy.Upstreams.Connections)
            {
                proxy.Loop.Run(upstream.ReceiveAsync(_sink));
                proxy.Loop.Run(upstream.SendAsync(_response));
            }

            foreach (var client in clients)
            {
                proxy.Loop.Run(client.ReceiveAsync(_sink));
            }
        }
    }
}
