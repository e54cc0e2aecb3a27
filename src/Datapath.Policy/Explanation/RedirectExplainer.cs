using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Says which policy redirects a dial.</summary>
internal sealed class RedirectExplainer(CompilerInputs inputs, ClientJudge client, ExplanationBuilder steps)
{
    /// <summary>The policy that leaves the client alone, because it is one of its backends; <see langword="null"/> if none does.</summary>
    public string? SkippedBy { get; private set; }

    /// <summary>The first redirect that is for the client; <see langword="null"/> if none is, or the client is left alone.</summary>
    public Redirect? Choose(ImmutableArray<Redirect> redirects)
    {
        foreach (var redirect in redirects)
        {
            var name = Wording.Describe(redirect.Policy);
            if (!client.IsMeant(redirect))
            {
                steps.Say(ExplanationTopic.Redirect, applies: false, name, "is for other clients (clientSelector)");
                continue;
            }

            if (client.IsSkipped(redirect))
            {
                SkippedBy = name;
                steps.Say(ExplanationTopic.Redirect, applies: false, name, "leaves its own backends alone, and the client is one (skipRedirectFromBackend)");
                return null;
            }

            Say(redirect, name);
            return redirect;
        }

        return null;
    }

    private void Say(Redirect redirect, string name)
    {
        var policy = inputs.Redirects.Find(redirect.Policy);
        var pods = new PolicyPods(policy, inputs);
        if (redirect.Backends.IsEmpty)
        {
            steps.Say(ExplanationTopic.Redirect, applies: true, name, $"refuses dials while it has no backend, and {pods.WhyNone(steps.Destination)}");
            return;
        }

        steps.Say(ExplanationTopic.Redirect, applies: true, name, $"redirects to {Wording.Count(redirect.Backends.Length, "backend")}");
        foreach (var backend in redirect.Backends)
            steps.Say(ExplanationTopic.Backend, applies: true, Dialled(backend, steps.Destination).Address.ToString(), pods.Describe(backend.Address));
    }

    /// <summary>The backend with the port that a dial gets there.</summary>
    public static Backend Dialled(Backend backend, L4Address destination) => backend.Address.Port == 0
        ? backend with { Address = backend.Address.WithPort(destination.Port, backend.Address.Protocol) }
        : backend;
}
