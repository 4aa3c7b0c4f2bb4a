//! Parts of definitions: how many arguments they take; imports.

use super::rules::OutlineRule;
use super::walk::Walk;
use super::{Arity, Import, ImportForm};
use crate::syntax::rules::Part;
use crate::syntax::tree::Kids;
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn arity(&self, list: Node<'t>, receiver: bool) -> Arity {
        let (tokens, words) = (&self.g.tokens, &self.g.words);
        let kids = Kids::of(list);
        let (mut least, mut most, mut open) = (0u16, 0u16, false);
        let mut any = false;
        for param in kids.iter() {
            let inner = param.named_child(0).map(|c| c.kind());
            if tokens.variadic.contains(param.kind()) || inner.is_some_and(|k| tokens.variadic.contains(k)) {
                (open, any) = (true, true);
            } else if param.is_named() && !tokens.uncounted.contains(param.kind()) {
                any = true;
                // `(void)`: there is none.
                let none = words.void.contains(self.lowerer.text(param).trim());
                most = most.saturating_add(u16::from(!none));
                least = least.saturating_add(u16::from(!none && !tokens.optional.contains(param.kind())));
            }
        }
        if receiver {
            (least, most) = (least.saturating_sub(1), most.saturating_sub(1));
        }
        open |= !any && self.g.language.modules.empty_list_takes_any;
        Arity { least, most: (!open).then_some(most) }
    }

    pub(super) fn include(&mut self, node: Node<'t>, kids: &Kids<'t>, path: &Part) {
        let Some(path) = kids.one(path) else { return };
        let text = self.lowerer.text(path).trim();
        let form = if text.starts_with('<') { ImportForm::OnPath } else { ImportForm::Beside };
        let path = text.trim_matches(['<', '>', '"']).trim().to_string();
        let span = self.span(node);
        self.out.imports.push(Import { span, path, form, alias: None });
    }

    pub(super) fn import(&mut self, rule: &'t OutlineRule, node: Node<'t>, kids: &Kids<'t>) {
        let OutlineRule::Import { path, names, inner, alias, all, member, last } = rule else { return };
        let span = self.span(node);
        let base = path.as_ref().and_then(|p| kids.one(p)).map(|p| self.squeezed(p));
        let all = all.as_ref().is_some_and(|a| kids.one(a).is_some());
        let member = member.as_ref().is_some_and(|m| kids.one(m).is_some());
        if let (Some(base), true) = (&base, all) {
            self.out.imports.push(Import { span, path: base.clone(), form: ImportForm::All, alias: None });
            return;
        }
        for name in kids.all(names).collect::<Vec<_>>() {
            let parts = Kids::of(name);
            let known_by = alias.as_ref().and_then(|a| parts.one(a)).map(|a| self.squeezed(a));
            let named = inner.as_ref().filter(|_| known_by.is_some()).and_then(|i| parts.one(i)).unwrap_or(name);
            let named = self.squeezed(named);
            let tail = named.rsplit('.').next().unwrap_or_default().to_string();
            let (path, form) = match (&base, all) {
                (_, true) => (named.clone(), ImportForm::All),
                (Some(base), _) => (base.clone(), ImportForm::Member(named.clone())),
                (None, _) if member => {
                    let class = named.rsplit_once('.').map_or("", |(class, _)| class);
                    (class.to_string(), ImportForm::Member(tail.clone()))
                }
                (None, _) => (named.clone(), ImportForm::Whole),
            };
            let own = if *last { tail } else { named };
            let alias = known_by.or((!all).then_some(own));
            self.out.imports.push(Import { span, path, form, alias });
        }
    }
}
