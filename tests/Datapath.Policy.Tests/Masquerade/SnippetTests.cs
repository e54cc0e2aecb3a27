using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>The code in docs/masquerade.md.</summary>
internal sealed class SnippetTests
{
    [Test]
    public void Guests_of_a_host_without_Kubernetes_are_masqueraded_and_it_is_explained()
    {
        var guests = MasqueradeCompiler.Compile(new()
        {
            Configuration = new()
            {
                Sources = [IPNetwork.Parse("192.168.122.0/24")],
                NonMasquerade = new() { Cidrs = [IPNetwork.Parse("192.168.0.0/16")] },
            },
        });
        var packet = new MasqueradePacket(IPAddress.Parse("192.168.122.9"), IPAddress.Parse("192.168.1.1")) { Interface = "virbr0" };
        foreach (var step in guests.Explain(packet).Steps)
            Console.WriteLine($"{step.Topic,-11} {(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}");

        var lines = guests.Explain(packet).Steps.Select(static step => $"{step.Topic,-11} {(step.Applies ? '+' : '-')} {step.Subject}: {step.Reason}");
        var documented = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "docs", "masquerade.md"));
        Assert.That(lines, Is.SubsetOf(documented));
    }
}
