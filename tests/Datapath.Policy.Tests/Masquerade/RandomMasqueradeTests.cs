namespace Datapath.Policy.Tests.Masquerade;

/// <summary>What holds for all inputs, tried on random ones.</summary>
internal sealed class RandomMasqueradeTests
{
    private const int Seeds = 3000;
    private const int Packets = 60;

    [Test]
    public void The_tables_decide_as_a_walk_through_all_lists_does()
    {
        var counts = new Dictionary<MasqueradeReason, int>();
        var withPool = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            var inputs = RandomMasquerade.Inputs(random);
            var compilation = MasqueradeCompiler.Compile(inputs);
            Assert.That(compilation.State, Is.Not.Null, () => $"seed {seed}: {string.Join("; ", compilation.Diagnostics)}");
            var naive = new NaiveMasquerade(inputs);
            for (var i = 0; i < Packets; i++)
            {
                var packet = RandomMasquerade.Packet(random);
                var verdict = compilation.State!.Decide(packet).Verdict;
                if (verdict != naive.Decide(packet))
                    Assert.Fail($"seed {seed}: {packet}: {verdict} should be {naive.Decide(packet)}");
                counts[verdict.Reason] = counts.GetValueOrDefault(verdict.Reason) + 1;
                withPool += verdict.AddressChoice > 0 ? 1 : 0;
            }
        }

        Assert.That(Enum.GetValues<MasqueradeReason>().Where(reason => counts.GetValueOrDefault(reason) < 500), Is.Empty, "or the test would say little");
        Assert.That(withPool, Is.GreaterThan(500));
    }

    [Test]
    public void The_same_inputs_in_any_order_give_an_equal_state_and_the_same_is_said()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var inputs = RandomMasquerade.Inputs(random);
            var shuffled = inputs with
            {
                Nodes = [.. inputs.Nodes.OrderBy(_ => random.Next())],
                Pods = [.. inputs.Pods.OrderBy(_ => random.Next())],
                Namespaces = [.. inputs.Namespaces.OrderBy(_ => random.Next())],
                Configuration = inputs.Configuration with
                {
                    Sources = [.. inputs.Configuration.Sources.OrderBy(_ => random.Next())],
                    Interfaces = [.. inputs.Configuration.Interfaces.OrderBy(_ => random.Next())],
                    PodCidrs = [.. inputs.Configuration.PodCidrs.OrderBy(_ => random.Next())],
                    MasqueradeCidrs = [.. inputs.Configuration.MasqueradeCidrs.OrderBy(_ => random.Next())],
                },
            };
            var (first, second) = (MasqueradeCompiler.Compile(inputs), MasqueradeCompiler.Compile(shuffled));
            Assert.That(second.State, Is.EqualTo(first.State), $"seed {seed}");
            Assert.That(second.Remarks, Is.EqualTo(first.Remarks), $"seed {seed}");
            Assert.That(second.Diagnostics, Is.EquivalentTo(first.Diagnostics), $"seed {seed}");
        }
    }

    [Test]
    public void No_entry_says_what_the_prefix_around_it_says_already()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var state = MasqueradeCompiler.Compile(RandomMasquerade.Inputs(new Random(seed))).State!;
            foreach (var entry in state.Destinations.Prefixes)
            {
                var around = state.Destinations.Prefixes.Where(other => other.Prefix.PrefixLength < entry.Prefix.PrefixLength && other.Prefix.Contains(entry.Prefix.BaseAddress))
                    .OrderBy(other => other.Prefix.PrefixLength).Select(other => (int)other.Class).LastOrDefault();
                Assert.That((int)entry.Class, Is.Not.EqualTo(around), $"seed {seed}: {entry}");
            }
        }
    }
}
