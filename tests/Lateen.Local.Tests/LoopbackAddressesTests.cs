using System.Net;
using CsCheck;
using Lateen.Local.Workloads;

namespace Lateen.Local.Tests;

public sealed class LoopbackAddressesTests
{
    [Fact]
    public void First_names_get_the_first_addresses()
    {
        var addresses = new LoopbackAddresses(70);

        Assert.Equal(new LoopbackPair("127.70.1.1", "127.70.2.1"), addresses.Take("gateway"));
        Assert.Equal(new LoopbackPair("127.70.1.2", "127.70.2.2"), addresses.Take("default/reviews-v1-1"));
        Assert.Equal(new LoopbackPair("127.70.1.1", "127.70.2.1"), addresses.Take("gateway"));
    }

    [Fact]
    public void Names_never_share_an_address_and_keep_theirs()
    {
        Gen.Int[1, 700].SelectMany(count => Gen.Int[0, count - 1].Array.Select(released => (count, released))).Sample(sample =>
        {
            var addresses = new LoopbackAddresses(64);
            var names = Enumerable.Range(0, sample.count).Select(i => $"n{i}").ToList();
            var before = names.ToDictionary(name => name, addresses.Take);
            var kept = names.Where((_, i) => !sample.released.Contains(i)).ToList();
            addresses.Keep(kept);
            var after = names.Append("new").ToDictionary(name => name, addresses.Take);

            var all = after.Values.SelectMany(pair => new[] { pair.Replica, pair.Application }).ToList();
            return all.Distinct().Count() == all.Count
                && kept.All(name => before[name] == after[name])
                && all.TrueForAll(address => IPAddress.IsLoopback(IPAddress.Parse(address)) && !address.EndsWith(".0", StringComparison.Ordinal) && !address.EndsWith(".255", StringComparison.Ordinal));
        }, iter: 30);
    }

    [Fact]
    public void A_state_folder_always_asks_for_the_same_net()
    {
        Gen.String.Sample(name =>
        {
            var folder = $"/state/{name.Replace("\0", "", StringComparison.Ordinal)}";
            var net = LoopbackAddresses.PreferredNet(folder);
            return net is >= 64 and < 128 && net == LoopbackAddresses.PreferredNet(folder);
        });
    }
}
