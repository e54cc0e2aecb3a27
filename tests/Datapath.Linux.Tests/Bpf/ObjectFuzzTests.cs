using Datapath.Linux.Bpf;

namespace Datapath.Linux.Tests.Bpf;

/// <summary>Broken objects with filled maps, variables, hidden functions, symbols and options of the kernel.</summary>
public class ObjectFuzzTests
{
    [Test]
    public void A_changed_object_is_read_or_refused([Values("filled", "variables", "externs")] string name, [Values(1, 2)] int seed)
    {
        using var resource = typeof(ObjectFuzzTests).Assembly.GetManifestResourceStream(name + ".bpf.o")!;
        var file = new byte[resource.Length];
        resource.ReadExactly(file);
        _ = BpfObjectSpec.Parse(file);

        var random = new Random(seed);
        var read = 0;
        const int Rounds = 1000;
        for (var round = 0; round < Rounds; round++)
        {
            if (Fuzz.IsRead(() => BpfObjectSpec.Parse(Fuzz.Mutate(file, random))))
                read++;
        }

        Assert.That(read, Is.InRange(Rounds / 50, Rounds - (Rounds / 50)), "both ways must be taken often, or the bytes tell nothing");
    }
}
