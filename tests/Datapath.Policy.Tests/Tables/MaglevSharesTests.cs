using Datapath.Policy.Tables;

namespace Datapath.Policy.Tests.Tables;

/// <summary>How the cells of a Maglev table are divided.</summary>
internal sealed class MaglevSharesTests
{
    [TestCase(new[] { 100, 100, 100 }, 16381, new[] { 5461, 5460, 5460 })]
    [TestCase(new[] { 1, 65535 }, 251, new[] { 0, 251 })]
    [TestCase(new[] { 50, 30, 20 }, 1021, new[] { 511, 306, 204 })]
    [TestCase(new[] { 7, 7, 7, 7 }, 3, new[] { 1, 1, 1, 0 })]
    [TestCase(new[] { 42 }, 1021, new[] { 1021 })]
    public void Cells_are_shared_by_weight_and_none_is_left(int[] weights, int size, int[] expected)
    {
        Backend[] backends = [.. weights.Select(static (weight, i) => new Backend(L4Address.Parse($"10.0.0.{i + 1}:80/TCP")) { Weight = weight })];
        var shares = MaglevShares.Of(backends, size);
        Assert.That(shares.Keys, Is.EqualTo(backends.Select(static backend => backend.Address.ToString())));
        Assert.That(shares.Values, Is.EqualTo(expected));
    }
}
