namespace Datapath.Policy;

/// <content>Says what becomes of a dial.</content>
public sealed partial class PolicyCompiler
{
    /// <summary>
    /// Says what becomes of a connection that a program on this node opens, and why: which frontend it matches, which policies redirect it
    /// and which do not, which backends it may go to and why others are out. Walks the same rules that made the state.
    /// </summary>
    /// <param name="client">Who dials.</param>
    /// <param name="destination">What is dialled.</param>
    public Explanation Explain(DialClient client, L4Address destination) => new Explainer(_inputs, State).Explain(client, destination);
}
