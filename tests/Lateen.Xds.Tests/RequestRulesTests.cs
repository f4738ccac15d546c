using CsCheck;
using Envoy.Service.Discovery.V3;
using Lateen.Xds.Server;

namespace Lateen.Xds.Tests;

public sealed class RequestRulesTests
{
    private static readonly WatchedType Sent = new(TypeUrls.Route) { Names = ["a"], NonceSent = "n2", VersionSent = "v2", NonceAcked = "n1", VersionAcked = "v1" };

    [Fact]
    public void No_names_of_a_named_type_unsubscribe()
    {
        var decision = RequestRules.Decide(Sent, Request("v2", "n2"));
        Assert.Equal((RequestKind.Unsubscribe, null, false), (decision.Kind, decision.Watched, decision.Answer));
    }

    [Fact]
    public void A_stale_nonce_changes_nothing()
    {
        var decision = RequestRules.Decide(Sent, Request("v1", "n1", "a", "b"));
        Assert.Equal((RequestKind.Stale, false), (decision.Kind, decision.Answer));
        Assert.Same(Sent, decision.Watched);
    }

    [Fact]
    public void An_acknowledgement_is_recorded_and_not_answered()
    {
        var decision = RequestRules.Decide(Sent, Request("v2", "n2", "a"));
        Assert.Equal((RequestKind.Ack, false, SyncState.Synced, "v2"), (decision.Kind, decision.Answer, decision.Watched!.State, decision.Watched.VersionAcked));
    }

    [Fact]
    public void A_rejection_keeps_the_version_the_client_holds()
    {
        var request = Request("v1", "n2", "a");
        request.ErrorDetail = new() { Code = 13, Message = "bad" };
        var decision = RequestRules.Decide(Sent, request);
        Assert.Equal((RequestKind.Nack, false, SyncState.Nacked, "bad", "v1"),
            (decision.Kind, decision.Answer, decision.Watched!.State, decision.Watched.Error, decision.Watched.VersionAcked));
    }

    [Fact]
    public void Names_added_after_a_rejection_are_answered_and_are_no_acknowledgement()
    {
        var rejected = Sent with { NonceNacked = "n2", Error = "bad" };
        var decision = RequestRules.Decide(rejected, Request("v1", "n2", "a", "b"));
        Assert.Equal((true, SyncState.Nacked, "bad"), (decision.Answer, decision.Watched!.State, decision.Watched.Error));
        Assert.Equal(["b"], decision.Names!);
    }

    [Fact]
    public void A_request_without_nonce_is_a_new_subscription()
    {
        var decision = RequestRules.Decide(Sent, Request("v1", "", "c"));
        Assert.Equal((RequestKind.Subscribe, true, SyncState.NotSent), (decision.Kind, decision.Answer, decision.Watched!.State));
    }

    [Fact]
    public void Only_names_not_watched_before_are_ever_answered_to_a_named_type()
    {
        var names = Gen.Char['a', 'e'].Select(c => c.ToString()).HashSet[1, 4];
        Gen.Select(names, names).Sample((before, after) =>
        {
            var decision = RequestRules.Decide(Sent with { Names = [.. before] }, Request("v2", "n2", [.. after]));
            var added = after.Except(before).Order().ToArray();
            Assert.Equal(added.Length > 0, decision.Answer);
            Assert.Equal(added, decision.Names!.Order());
            Assert.True(decision.Watched!.Names.SetEquals(after));
        });
    }

    private static DiscoveryRequest Request(string version, string nonce, params string[] names) =>
        new() { TypeUrl = TypeUrls.Route, VersionInfo = version, ResponseNonce = nonce, ResourceNames = { names } };
}
