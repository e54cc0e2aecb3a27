namespace Datapath.Policy;

/// <summary>What masquerading does with an object that is worth a word.</summary>
/// <param name="Object">The object.</param>
/// <param name="Text">The remark, as the rest of a sentence that starts with the object.</param>
public sealed record MasqueradeRemark(ObjectKey Object, string Text)
{
    /// <summary>For example <c>Pod shop/web-0: gets its address from pool 'blue'</c>.</summary>
    public override string ToString() => $"{Object}: {Text}";
}
