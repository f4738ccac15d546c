using CsCheck;
using Lateen.Xds.Server;

namespace Lateen.Xds.Tests;

public sealed class PushScopeTests
{
    private static readonly string[] Types = [TypeUrls.Cluster, TypeUrls.Endpoint];
    private static readonly string[] Names = ["a", "b", "c"];

    private static readonly Gen<PushScope> Scopes = Gen.OneOf(
        Gen.Const(PushScope.Nothing),
        Gen.Const(PushScope.Everything),
        Gen.OneOf(Types.Select(Gen.Const).ToArray()).Array[1, 2].Select(types => PushScope.Types(types)),
        Gen.Select(Gen.OneOf(Types.Select(Gen.Const).ToArray()), Gen.OneOf(Names.Select(Gen.Const).ToArray()).Array[0, 3]).Select(PushScope.Resources)).Array[1, 3]
        .Select(scopes => scopes.Aggregate((a, b) => a.Union(b)));

    [Fact]
    public void A_union_includes_exactly_what_either_includes() => Gen.Select(Scopes, Scopes).Sample((a, b) =>
    {
        var union = a.Union(b);
        Assert.Equal(a.IsNothing && b.IsNothing, union.IsNothing);
        foreach (var type in Types)
        {
            foreach (var name in Names)
                Assert.Equal(a.Includes(type, name) || b.Includes(type, name), union.Includes(type, name));
        }
    });
}
